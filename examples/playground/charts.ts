// Line charts of the three nets, by uPlot. Each net has its colour and its dashes; a second line of a net, its training,
// is thin.

import uPlot from 'uplot'
import { h, percent } from './dom.ts'
import { type NetName, netNames } from './nets.ts'

const dashes: Record<NetName, number[]> = { dense: [2, 4], local: [], conv: [9, 5] }
const font = '14px system-ui'

export interface Chart {
  readonly element: HTMLElement
  /** @param lines of the three nets; with three more, of their training */
  draw(xs: readonly number[], lines: readonly (readonly number[])[]): void
  /** The least value on the axis. */
  from(bottom: number): void
  close(): void
}

/** For shares: marks at whole per cents. */
export const shareAxis = {
  format: (value: number) => `${Math.round(100 * value)}\u202f%`,
  exact: percent,
  steps: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5],
}

export interface ChartOptions {
  readonly label: string
  readonly xLabel: string
  /** Of the lines. */
  readonly names: readonly string[]
  /** On the axis. */
  format(value: number): string
  /** Under the chart, for the place that the pointer is at. */
  exact(value: number): string
  /** The distances that marks on the axis may have. */
  readonly steps?: readonly number[]
  /** At least; a larger value makes the chart higher. */
  readonly range: readonly [number, number]
  readonly xRange?: [number, number]
  readonly xFormat?: (value: number) => string
  /** A line to compare with, and its name. */
  readonly level?: { at: number; name: string }
  /** Charts of one group show the same place under the pointer. */
  readonly group?: string
}

export function lineChart(options: ChartOptions): Chart {
  const { names, range, level, xFormat = String } = options
  const readout = h('p', { class: 'readout', 'aria-hidden': 'true' })
  const plotted = h('div', { class: 'chart', role: 'img', 'aria-label': options.label })
  const element = h('div', {}, plotted, readout)
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const axis = { stroke: colour('--soft'), grid: { stroke: colour('--line'), width: 1 }, font, labelFont: font }
  let [bottom] = range
  const [, top] = range
  const size = () => ({ width: Math.max(240, plotted.clientWidth), height: plotted.clientWidth < 500 ? 230 : 320 })
  const line = (label: string, i: number) => {
    const name = netNames[i % netNames.length]
    return {
      label,
      stroke: colour(`--${name}`),
      width: i < netNames.length ? 2.5 : 1,
      dash: dashes[name].map(length => length * devicePixelRatio),
      points: { show: false },
    }
  }
  const make = () =>
    new uPlot(
      {
        width: 240,
        height: 200,
        pxAlign: 0,
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, ...(options.group && { sync: { key: options.group } }) },
        scales: {
          x: {
            time: false,
            range: (_, least, most) => options.xRange ?? [least ?? 0, Math.max(most ?? 1, (least ?? 0) + 5)],
          },
          y: { range: (_, _least, most) => [bottom, most > top ? 1.05 * most : top] },
        },
        axes: [
          {
            ...axis,
            label: options.xLabel,
            labelSize: 22,
            size: 34,
            incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
            values: (_, values) => values.map(xFormat),
          },
          {
            ...axis,
            size: 62,
            values: (_, values) => values.map(options.format),
            ...(options.steps && { incrs: [...options.steps] }),
          },
        ],
        series: [{}, ...names.map(line)],
        hooks: { setCursor: [readOut], draw: level ? [self => drawLevel(self, level)] : [] },
      },
      [[], ...names.map(() => [])],
      plotted,
    )
  let plot: uPlot | null = null

  function readOut({ cursor: { idx }, data: [xs, ...lines] }: uPlot): void {
    const at = idx ?? null
    if (at === null) {
      readout.textContent = ''
      return
    }
    const values = lines.flatMap((line, i) =>
      line[at] == null ? [] : [`${names[i]} ${options.exact(Number(line[at]))}`],
    )
    readout.textContent = `${options.xLabel} ${xFormat(xs[at])}: ${values.join(' · ')}`
  }

  function drawLevel(self: uPlot, { at, name }: { at: number; name: string }): void {
    const y = self.valToPos(at, 'y', true)
    const { left, width } = self.bbox
    const pen = self.ctx
    const dot = devicePixelRatio
    pen.save()
    pen.strokeStyle = pen.fillStyle = colour('--soft')
    pen.lineWidth = dot
    pen.setLineDash([3 * dot, 3 * dot])
    pen.beginPath()
    pen.moveTo(left, y)
    pen.lineTo(left + width, y)
    pen.stroke()
    pen.font = `${14 * dot}px system-ui`
    pen.textAlign = 'right'
    pen.textBaseline = 'bottom'
    pen.fillText(name, left + width - 6 * dot, y - 3 * dot)
    pen.restore()
  }

  const resize = new ResizeObserver(() => plot?.setSize(size()))
  resize.observe(plotted)
  return {
    element,
    draw(xs, lines) {
      plot ??= make()
      if (plot.width !== size().width) plot.setSize(size())
      // A loss that overflowed is a gap, and a line that is not given is empty.
      const drawn = names.map((_, i) => xs.map((_, x) => (Number.isFinite(lines[i]?.[x]) ? lines[i][x] : null)))
      plot.setData([xs, ...drawn] as uPlot.AlignedData)
    },
    from(least) {
      bottom = least
      plot?.setData(plot.data)
    },
    close() {
      resize.disconnect()
      plot?.destroy()
    },
  }
}
