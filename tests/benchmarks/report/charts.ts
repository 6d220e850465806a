// Charts as SVG text, drawn by ECharts without a browser. On white, so that they can be read on any page.

import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import type { Quantity } from '../cases.ts'
import type { CaseResult } from '../results.ts'
import { placeOf } from '../sweep.ts'
import { milliseconds } from './format.ts'

use([BarChart, LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer])

const [ours, peers] = ['#1d6fb8', '#9aa3ad']
const text = { color: '#333', fontSize: 13, fontFamily: 'sans-serif' }
const lineColors = ['#1d6fb8', '#c2571a', '#3b8b4f']

type ChartOption = Parameters<ReturnType<typeof init>['setOption']>[0]

function draw(option: ChartOption, width: number, height: number, label: string): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height })
  chart.setOption({ animation: false, backgroundColor: '#fff', textStyle: text, ...option })
  const svg = chart.renderToSVGString()
  chart.dispose()
  const name = label.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
  // ECharts counts the charts it has drawn into class names: without them the same numbers give the same file.
  return `${svg
    .replace('<svg ', `<svg role="img" aria-label="${name}" `)
    .replace(/<style\b.*?<\/style>/s, '')
    .replaceAll(/ class="zr[^"]*"/g, '')
    .replaceAll(/zr\d+-/g, 'zr-')}\n`
}

/** One bar for each contender, on a logarithmic axis: bars differ by factors. */
export function bars({ case: given, entries }: CaseResult, quantity: Quantity, title: string): string | null {
  const measured = entries.flatMap(({ id, isOurs, times }) => {
    const ms = times[quantity]?.median
    return ms === undefined ? [] : [{ id, isOurs, ms }]
  })
  if (measured.length === 0) return null
  measured.sort((a, b) => b.ms - a.ms)
  const label = `${title}, milliseconds: ${[...measured]
    .reverse()
    .map(({ id, ms }) => `${id} ${milliseconds(ms)}`)
    .join(', ')}`
  const option: ChartOption = {
    title: { text: `${title}, ms, on a logarithmic axis`, left: 8, top: 6, textStyle: { ...text, fontSize: 14 } },
    grid: { left: 100, right: 70, top: 40, bottom: 28 },
    xAxis: { type: 'log', axisLabel: text, min: 10 ** Math.floor(Math.log10(measured.at(-1)?.ms ?? 1)) },
    yAxis: { type: 'category', data: measured.map(({ id }) => id), axisLabel: text, axisTick: { show: false } },
    series: [
      {
        type: 'bar',
        data: measured.map(({ isOurs, ms }) => ({
          value: ms,
          itemStyle: { color: isOurs ? ours : peers },
          label: { show: true, position: 'right', formatter: milliseconds(ms), ...text },
        })),
      },
    ],
  }
  return draw(option, 760, 76 + 26 * measured.length, `${given.title}: ${label}`)
}

/** How a time grows along one axis of the sweep; both axes are logarithmic. */
export function growth(sweep: readonly CaseResult[], axis: string, quantity: Quantity): string | null {
  const results = sweep.filter(result => placeOf(result.case.id).axis === axis)
  const ids = [...new Set(results.flatMap(({ entries }) => entries.map(({ id }) => id)))]
  const lines = ids.map(id =>
    results.flatMap(({ case: given, entries }) => {
      const ms = entries.find(entry => entry.id === id)?.times[quantity]?.median
      return ms === undefined ? [] : [[placeOf(given.id).value, ms]]
    }),
  )
  if (lines.every(line => line.length === 0)) return null
  const option: ChartOption = {
    title: { text: `${quantity}, ms`, left: 8, top: 6, textStyle: { ...text, fontSize: 14 } },
    legend: { top: 6, right: 8, textStyle: text, data: ids },
    grid: { left: 64, right: 24, top: 44, bottom: 48 },
    xAxis: {
      type: 'log',
      logBase: 2,
      name: axis,
      nameLocation: 'middle',
      nameGap: 28,
      nameTextStyle: text,
      axisLabel: text,
    },
    yAxis: { type: 'log', axisLabel: text },
    series: lines.map((data, i) => ({
      type: 'line',
      name: ids[i],
      data,
      symbolSize: 5,
      itemStyle: { color: lineColors[i % 3] },
      lineStyle: { color: lineColors[i % 3] },
    })),
  }
  return draw(option, 560, 340, `${quantity} in milliseconds by ${axis}, for ${ids.join(', ')}`)
}
