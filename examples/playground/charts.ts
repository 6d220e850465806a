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
  format(value: number): string
  range: [number | null, number | null]
  xRange?: [number, number]
  level?: { at: number; name: string }
}): Chart {
  const element = h('div', { class: 'chart', role: 'img', 'aria-label': options.label })
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const axis = {
    stroke: colour('--soft'),
    grid: { stroke: colour('--line'), width: 1 },
    font: '14px system-ui',
  }
  const [bottom, top] = options.range
  const size = () => ({
    width: Math.max(240, element.clientWidth),
    height: element.clientWidth < 500 ? 230 : 320,
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
          y: { range: (_, least, most) => [bottom ?? least, top ?? (most || 1) * 1.05] },
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
        hooks: { draw: options.level ? [(self: uPlot) => drawLevel(self, options.level as never)] : [] },
      },
      [[], [], [], []],
      element,
    )

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
  resize.observe(element)
  return {
    element,
    draw(xs, lines) {
      plot ??= make()
      if (plot.width !== size().width) plot.setSize(size())
      plot.setData([xs, ...lines] as uPlot.AlignedData)
    },
    close() {
      resize.disconnect()
      plot?.destroy()
    },
  }
}
