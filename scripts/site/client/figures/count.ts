// How many weights: of a dense, a locally connected and a convolutional layer with the same input and output.

import { Conv2D, LocallyConnected2D } from 'unshared'
import { element, slider } from './parts.ts'
import { texts } from './texts.ts'

const product = (sizes: readonly (number | null)[]) => sizes.reduce<number>((all, size) => all * (size ?? 1), 1)

export function countFigure(host: HTMLElement): void {
  const size = slider(texts.size, [8, 64, 32], show)
  const channels = slider(texts.channels, [1, 16, 3], show)
  const window = slider(texts.window, [1, 8, 3], show)
  const stride = slider(texts.stride, [1, 4, 1], show)
  const filters = slider(texts.filters, [1, 64, 64], show)
  const table = element('div', { class: 'bars', role: 'status' })
  const controls = [size, channels, window, stride, filters].map(({ root }) => root)
  host.append(element('div', { class: 'controls' }, ...controls), table)

  function show(): void {
    const inputShape = [size.value, size.value, channels.value]
    const options = { filters: filters.value, kernelSize: window.value, strides: stride.value }
    const local = new LocallyConnected2D(options)
    const outputShape = local.computeOutputShape([null, ...inputShape]).slice(1) as number[]
    const conv = new Conv2D(options).weightsFor(inputShape)
    const outputs = product(outputShape)
    const counts = [
      ['dense', texts.dense, product(inputShape) * outputs + outputs],
      ['local', texts.local, product(local.kernelShape(1, inputShape)) + outputs],
      ['conv', texts.conv, Object.values(conv).reduce((sum, weight) => sum + (weight ? product(weight.shape) : 0), 0)],
    ] as const
    const most = Math.log10(counts[0][2])
    const rows = counts.map(([name, label, count]) =>
      element(
        'div',
        { class: `bar-row ${name}` },
        element('span', {}, label),
        element('meter', { min: '0', max: String(most), value: String(Math.log10(count)), 'aria-label': label }),
        element('b', {}, count.toLocaleString('en')),
      ),
    )
    table.replaceChildren(
      ...rows,
      element('p', { class: 'hint' }, texts.places(product(outputShape.slice(0, 2)), outputShape.join(' × '))),
    )
  }
  show()
}
