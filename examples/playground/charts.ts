// Line charts of the three nets, by uPlot. Each net has its colour and its dashes. A chart has layers of three lines each:
// the nets, thin ones of their training, pale ones that were kept, and bands of several seeds.

import uPlot from 'uplot'
import { h, percent } from './dom.ts'
import { type NetName, netNames } from './nets.ts'

const dashes: Record<NetName, number[]> = { dense: [2, 4], local: [], conv: [9, 5] }

export type LayerKind = 'main' | 'thin' | 'kept' | 'band'

export interface Layer {
  /** Ascending. */
  readonly xs: readonly number[]
  /** Of the three nets; of a band, the means. */
  readonly lines: readonly (readonly number[])[]
  /** Of a band: the least and the largest values of the three nets. */
  readonly from?: readonly (readonly number[])[]
  readonly to?: readonly (readonly number[])[]
}

export interface Chart {
  readonly element: HTMLElement
  /** @param layers in the order of the chart's kinds; null for none */
  draw(...layers: (Layer | null)[]): void
  /** The least value on the axis of values. */
  from(bottom: number): void
  /** The largest value at least on the axis below. */
  until(right: number): void
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
  /** The kinds of its layers, and what each is called: {net} stands for the net. Default: the nets alone. */
  readonly layers?: readonly { readonly kind: LayerKind; readonly name: (net: string) => string }[]
  /** The nets' names. */
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
  const kinds = options.layers ?? [{ kind: 'main', name: (net: string) => net }]
  const readout = h('p', { class: 'readout', 'aria-hidden': 'true' })
  const plotted = h('div', { class: 'chart', role: 'img', 'aria-label': options.label })
  const element = h('div', {}, plotted, readout)
  const style = getComputedStyle(document.documentElement)
  /** #rrggbb; two more digits make it paler. */
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const rem = () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
  let [bottom] = range
  const [, top] = range
  let right = options.xRange?.[1] ?? 5
  let end = right // of what is drawn
  const size = () => ({ width: Math.max(160, plotted.clientWidth), height: Math.max(120, plotted.clientHeight) })

  /** The lines of a layer; a band has two more for each, its borders. */
  const series = kinds.flatMap(({ kind, name }) =>
    netNames.flatMap((net, i): uPlot.Series[] => {
      const line: uPlot.Series = {
        label: name(names[i]),
        stroke: kind === 'kept' ? `${colour(`--${net}`)}73` : colour(`--${net}`),
        width: kind === 'main' || kind === 'band' ? 2.5 : kind === 'kept' ? 2 : 1,
        dash: dashes[net].map(length => length * devicePixelRatio),
        points: { show: false },
      }
      const border = { ...line, label: '', width: 0 }
      return kind === 'band' ? [line, border, border] : [line]
    }),
  )
  const bands = series.flatMap((line, i): uPlot.Band[] =>
    line.width === 0 && series[i + 1]?.width === 0 ? [{ series: [i + 2, i + 1], fill: `${line.stroke}2e` }] : [],
  )
  let madeFor = 0 // the size of type
  const make = () => {
    madeFor = rem()
    const font = `${(0.875 * rem()).toFixed(1)}px system-ui`
    const axis = { stroke: colour('--soft'), grid: { stroke: colour('--line'), width: 1 }, font, labelFont: font }
    return new uPlot(
      {
        ...size(),
        pxAlign: 0,
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, ...(options.group && { sync: { key: options.group } }) },
        scales: {
          x: { time: false, range: () => [options.xRange?.[0] ?? 0, Math.max(end, right)] },
          y: { range: (_, _least, most) => [bottom, most > top ? 1.05 * most : top] },
        },
        axes: [
          {
            ...axis,
            label: options.xLabel,
            labelSize: 1.4 * rem(),
            size: 2.1 * rem(),
            // As far as any number of epochs: uPlot never ends if none of them is large enough.
            incrs: Array.from({ length: 8 }, (_, i) => [1, 2, 5].map(digit => digit * 10 ** i)).flat(),
            values: (_, values) => values.map(xFormat),
          },
          {
            ...axis,
            size: 3.9 * rem(),
            values: (_, values) => values.map(options.format),
            ...(options.steps && { incrs: [...options.steps] }),
          },
        ],
        series: [{}, ...series],
        bands,
        hooks: { setCursor: [readOut], draw: level ? [self => drawLevel(self, level)] : [] },
      },
      [[], ...series.map(() => [])],
      plotted,
    )
  }
  let plot: uPlot | null = null

  function readOut({ cursor: { idx }, data: [xs, ...lines] }: uPlot): void {
    const at = idx ?? null
    if (at === null) {
      readout.textContent = ''
      return
    }
    const values = lines.flatMap((line, i) =>
      line[at] == null || series[i].label === '' ? [] : [`${series[i].label} ${options.exact(Number(line[at]))}`],
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
    pen.font = `${0.875 * rem() * dot}px system-ui`
    pen.textAlign = 'right'
    pen.textBaseline = 'bottom'
    pen.fillText(name, left + width - 6 * dot, y - 3 * dot)
    pen.restore()
  }

  const resize = new ResizeObserver(() => {
    if (!plot) return
    if (rem() === madeFor) return plot.setSize(size())
    // Lecture mode has chosen another type.
    const { data } = plot
    plot.destroy()
    plot = make()
    plot.setData(data)
  })
  resize.observe(plotted)
  return {
    element,
    draw(...layers) {
      plot ??= make()
      const xs = [...new Set(layers.flatMap(layer => [...(layer?.xs ?? [])]))].sort((a, b) => a - b)
      end = xs.at(-1) ?? right
      const index = new Map(xs.map((x, i) => [x, i]))
      const empty = () => new Array<number | null>(xs.length).fill(null)
      /** A loss that overflowed is a gap. */
      const spread = (layer: Layer, values: readonly number[] | undefined) => {
        const spread = empty()
        layer.xs.forEach((x, i) => {
          const value = values?.[i] ?? Number.NaN
          if (Number.isFinite(value)) spread[index.get(x) as number] = value
        })
        return spread
      }
      const data = kinds.flatMap(({ kind }, l) =>
        netNames.flatMap((_, i) => {
          const layer = layers[l]
          const parts = kind === 'band' ? ([layer?.lines, layer?.from, layer?.to] as const) : ([layer?.lines] as const)
          return parts.map(lines => (layer ? spread(layer, lines?.[i]) : empty()))
        }),
      )
      plot.setData([xs, ...data] as uPlot.AlignedData)
    },
    from(least) {
      bottom = least
      plot?.setData(plot.data)
    },
    until(most) {
      right = most
    },
    close() {
      resize.disconnect()
      plot?.destroy()
    },
  }
}
