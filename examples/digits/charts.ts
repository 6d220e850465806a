// Line charts, drawn by ECharts as SVG text. Their colours are the page's CSS variables.

import { LineChart } from 'echarts/charts'
import { GridComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { Html, html } from './html.ts'

use([LineChart, GridComponent, SVGRenderer])

export interface Line {
  readonly color: string
  readonly width: number
  readonly values: readonly number[]
}

export interface ChartOptions {
  readonly label: string
  readonly from: number
  readonly format: (value: number) => string
}

/** Values by epoch, the first at epoch 1. */
export function lineChart(lines: readonly Line[], { label, from, format }: ChartOptions): Html {
  const epochs = Math.max(...lines.map(({ values }) => values.length))
  const step = tickStep(epochs)
  const text = { color: 'var(--soft)', fontSize: 13, fontFamily: 'inherit' }
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 400, height: 240 })
  chart.setOption({
    animation: false,
    grid: { left: 44, right: 12, top: 12, bottom: 44, outerBoundsMode: 'none' },
    xAxis: {
      type: 'category',
      boundaryGap: epochs === 1,
      data: Array.from({ length: epochs }, (_, i) => String(i + 1)),
      name: 'epoch',
      nameLocation: 'middle',
      nameGap: 30,
      nameTextStyle: text,
      axisLine: { lineStyle: { color: 'var(--line)' } },
      axisTick: { show: false },
      axisLabel: { ...text, interval: (i: number) => i === 0 || (i + 1) % step === 0 },
    },
    yAxis: {
      type: 'value',
      min: from,
      splitNumber: 4,
      axisLabel: { ...text, formatter: format },
      splitLine: { lineStyle: { color: 'var(--line)' } },
    },
    series: lines.map(({ color, width, values }) => ({
      type: 'line',
      data: [...values],
      clip: false,
      silent: true,
      showSymbol: epochs === 1,
      itemStyle: { color },
      lineStyle: { color, width, join: 'round', cap: 'round' },
    })),
  })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return new Html(forPage(svg, label))
}

/** A number such as 1, 2, 5, 10, 20, 50 … that divides the axis into at most eight parts. */
function tickStep(epochs: number): number {
  for (let power = 1; ; power *= 10)
    for (const step of [power, 2 * power, 5 * power]) if (epochs / step <= 8) return step
}

/** As wide as its place, with a name, and without what is there for the mouse. */
const forPage = (svg: string, label: string): string =>
  svg
    .replace(
      /<svg [^>]*(viewBox="[^"]*")[^>]*>/,
      `<svg class="chart" $1 role="img" aria-label="${html`${label}`.text}">`,
    )
    .replace(/<style\b.*?<\/style>/s, '')
    .replace(/<defs\b.*?<\/defs>/s, '')
    .replaceAll(/ (class|clip-path|pointer-events)="(zr|url|visible)[^"]*"/g, '')
