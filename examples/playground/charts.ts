// Line charts of the three nets, by uPlot. Each net has its colour and its dashes.

import uPlot from 'uplot'
import { h } from './dom.ts'
import { type NetName, netNames } from './nets.ts'

const dashes: Record<NetName, number[]> = { dense: [2, 4], local: [], conv: [9, 5] }

export interface Chart {
  readonly element: HTMLElement
  draw(xs: readonly number[], lines: readonly (readonly number[])[]): void
  close(): void
}

/** @param names of the three nets, for the legend @param level a line to compare with, and its name */
export function lineChart(options: {
  label: string
  xLabel: string
  names: readonly string[]
  /** On the axis. */
  format(value: number): string
  /** Under the chart, for the place that the pointer is at. */
  exact(value: number): string
  /** At least; a larger value makes the chart higher. */
  range: [number, number]
  xRange?: [number, number]
  level?: { at: number; name: string }
}): Chart {
  const readout = h('p', { class: 'readout', 'aria-hidden': 'true' })
  const plotted = h('div', { class: 'chart', role: 'img', 'aria-label': options.label })
  const element = h('div', {}, plotted, readout)
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const axis = {
    stroke: colour('--soft'),
    grid: { stroke: colour('--line'), width: 1 },
    font: '14px system-ui',
  }
  const [bottom, top] = options.range
  const size = () => ({
    width: Math.max(240, plotted.clientWidth),
    height: plotted.clientWidth < 500 ? 230 : 320,
  })
  let plot: uPlot | null = null

  const make = () =>
    new uPlot(
      {
        ...{ width: 240, height: 200, pxAlign: 0 },
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false } },
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
            labelFont: '14px system-ui',
            labelSize: 22,
            incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
          },
          { ...axis, size: 62, values: (_, values) => values.map(options.format) },
        ],
        series: [
          {},
          ...netNames.map((name, i) => ({
            label: options.names[i],
            stroke: colour(`--${name}`),
            width: 2.5,
            dash: dashes[name],
            points: { show: false },
          })),
        ],
        hooks: {
          setCursor: [readOut],
          draw: options.level ? [(self: uPlot) => drawLevel(self, options.level as never)] : [],
        },
      },
      [[], [], [], []],
      plotted,
    )

  function readOut({ cursor: { idx }, data }: uPlot): void {
    const at = idx ?? null
    const values = netNames.map(
      (_, i) => `${options.names[i]} ${options.exact(Number(data[i + 1][at ?? 0]))}`,
    )
    readout.textContent = at === null ? '' : `${options.xLabel} ${data[0][at]}: ${values.join(' · ')}`
  }

  function drawLevel(self: uPlot, { at, name }: { at: number; name: string }): void {
    const y = self.valToPos(at, 'y', true)
    const { left, width } = self.bbox
    const pen = self.ctx
    pen.save()
    pen.strokeStyle = pen.fillStyle = colour('--soft')
    pen.setLineDash([3, 3])
    pen.beginPath()
    pen.moveTo(left, y)
    pen.lineTo(left + width, y)
    pen.stroke()
    pen.font = `${14 * devicePixelRatio}px system-ui`
    pen.textAlign = 'right'
    pen.fillText(name, left + width - 6, y - 6)
    pen.restore()
  }

  const resize = new ResizeObserver(() => plot?.setSize(size()))
  resize.observe(plotted)
  return {
    element,
    draw(xs, lines) {
      plot ??= make()
      if (plot.width !== size().width) plot.setSize(size())
      // A loss that overflowed is a gap.
      plot.setData([
        xs,
        ...lines.map(line => line.map(y => (Number.isFinite(y) ? y : null))),
      ] as uPlot.AlignedData)
    },
    close() {
      resize.disconnect()
      plot?.destroy()
    },
  }
}
