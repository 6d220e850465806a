// Figures as SVG text, for light and for dark pages, drawn by ECharts without a browser.

import { CustomChart, LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import type { Chart, Figure, Pictures, Series } from './experiment.ts'

use([CustomChart, LineChart, GridComponent, LegendComponent, SVGRenderer])

export type Theme = 'light' | 'dark'
export const themes: readonly Theme[] = ['light', 'dark']

interface Colors {
  readonly background: string
  readonly text: string
  readonly grid: string
  /** Of papers' numbers without a series of ours. */
  readonly paper: string
  readonly series: readonly string[]
  /** Of a picture's pixels: from 0 to 1. */
  readonly pixels: readonly [from: readonly number[], to: readonly number[]]
}

const colors: Readonly<Record<Theme, Colors>> = {
  light: {
    background: '#ffffff',
    text: '#333333',
    grid: '#dddddd',
    paper: '#767676',
    series: ['#1d6fb8', '#c2571a', '#3b8b4f', '#8a4fa3', '#a8842c', '#d6567f'],
    pixels: [
      [255, 255, 255],
      [20, 40, 70],
    ],
  },
  dark: {
    background: '#0d1117',
    text: '#d5dbe1',
    grid: '#30363d',
    paper: '#9aa3ad',
    series: ['#58a6f0', '#f0883e', '#56c271', '#c58be0', '#d9b44a', '#f08fb1'],
    pixels: [
      [13, 17, 23],
      [225, 232, 240],
    ],
  },
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')

/** The same figure gives the same text. */
export const draw = (figure: Figure, theme: Theme): string =>
  figure.kind === 'chart' ? drawChart(figure, colors[theme]) : drawPictures(figure, colors[theme])

type ChartOption = Parameters<ReturnType<typeof init>['setOption']>[0]

function drawChart({ label, x, y, series }: Chart, palette: Colors): string {
  const text = { color: palette.text, fontSize: 13, fontFamily: 'sans-serif' }
  const axis = { axisLabel: text, nameTextStyle: text, axisLine: { lineStyle: { color: palette.grid } } }
  const ours = series.filter(({ isPaper }) => !isPaper)
  const papers = series.filter(({ isPaper }) => isPaper)
  const option: ChartOption = {
    animation: false,
    backgroundColor: palette.background,
    legend: { top: 4, left: 56, itemGap: 28, textStyle: text, data: series.map(({ name }) => name) },
    grid: { left: 60, right: 24, top: 44, bottom: x.name ? 48 : 30 },
    xAxis: {
      ...axis,
      type: x.type,
      name: x.name,
      nameLocation: 'middle',
      nameGap: 28,
      ...(x.type === 'category' ? { data: categoriesOf(series) } : {}),
      ...(x.base ? { logBase: x.base } : {}),
      splitLine: { show: false },
    },
    yAxis: {
      ...axis,
      type: y.type ?? 'value',
      name: y.name,
      nameLocation: 'middle',
      nameRotate: 90,
      nameGap: 40,
      scale: true,
      ...(y.min === undefined ? {} : { min: y.min }),
      ...(y.max === undefined ? {} : { max: y.max }),
      splitLine: { lineStyle: { color: palette.grid } },
    },
    series: series.flatMap((one, i) => {
      const place = (one.isPaper ? papers : ours).indexOf(one) // the paper's numbers have the colour of ours
      const color = place < ours.length ? palette.series[place % palette.series.length] : palette.paper
      const isCategory = x.type === 'category'
      const right = isCategory ? 10 * (i - (series.length - 1) / 2) : 0 // beside each other
      return [
        lineOf(one, { color, background: palette.background }, isCategory, right),
        ...intervalsOf(one, color, right),
      ]
    }) as NonNullable<ChartOption['series']>,
  }
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 640, height: 360 })
  chart.setOption(option)
  const svg = chart.renderToSVGString()
  chart.dispose()
  // ECharts counts the charts it has drawn into names: without them the same numbers give the same file.
  return `${svg
    .replace('<svg ', `<svg role="img" aria-label="${escaped(label)}" `)
    .replace(/<style\b.*?<\/style>/s, '')
    .replaceAll(/ class="zr[^"]*"/g, '')
    .replaceAll(/zr\d+-/g, 'zr-')}\n`
}

/** The categories, in the order of the series that has most of them. */
const categoriesOf = (series: readonly Series[]) => {
  const longest = [...series].sort((a, b) => b.points.length - a.points.length)
  return [...new Set(longest.flatMap(({ points }) => points.map(({ x }) => x)))]
}

const lineOf = (
  { name, points, isPaper }: Series,
  { color, background }: { readonly color: string; readonly background: string },
  isCategory: boolean,
  right: number,
) => ({
  type: 'line',
  name,
  data: points.map(({ x, y }) => [x, y]),
  symbol: 'circle',
  symbolSize: 8,
  symbolOffset: [right, 0],
  itemStyle: isPaper ? { color: background, borderColor: color, borderWidth: 2 } : { color },
  lineStyle: { color, width: isCategory ? 0 : 2, type: isPaper ? 'dashed' : 'solid' },
})

interface Draws {
  value(dimension: number): number
  coord(point: readonly number[]): [number, number]
}

/** The intervals of a series, as upright lines. */
function intervalsOf({ points }: Series, color: string, right: number) {
  const data = points.flatMap(({ x, low, high }) =>
    low === undefined || high === undefined || !Number.isFinite(high - low) ? [] : [[x, low, high]],
  )
  if (data.length === 0) return []
  const renderItem = (_params: unknown, api: Draws) => {
    const [x, low] = api.coord([api.value(0), api.value(1)])
    const [, high] = api.coord([api.value(0), api.value(2)])
    const at = x + right
    return { type: 'line', shape: { x1: at, y1: low, x2: at, y2: high }, style: { stroke: color, lineWidth: 2 } }
  }
  return [{ type: 'custom', data, renderItem, encode: { x: 0, y: [1, 2] }, silent: true }]
}

const [pixelSize, gap, shades] = [6, 24, 8]

/** Every shade is one path, which has all rows of pixels of that shade. */
function drawPictures({ label, pictures }: Pictures, { background, text, grid, pixels: [from, to] }: Colors): string {
  let left = gap
  let height = 0
  const parts = pictures.map(({ title, pixels, width, cell }) => {
    const rows = pixels.length / width
    const shadeOf = (i: number) => Math.min(shades - 1, Math.floor(pixels[i] * shades))
    const runs = Array.from({ length: shades }, () => '')
    for (let i = 0, end = 1; i < pixels.length; i = end, end++) {
      while (end % width > 0 && shadeOf(end) === shadeOf(i)) end++
      const [x, y, length] = [i % width, Math.floor(i / width), end - i].map(n => n * pixelSize)
      runs[shadeOf(i)] += `M${x} ${y}h${length}v${pixelSize}h-${length}z`
    }
    const paths = runs.map((run, shade) => {
      const color = from.map((low, c) => Math.round(low + ((to[c] - low) * (shade + 0.5)) / shades))
      return run && `<path fill="rgb(${color})" d="${run}"/>`
    })
    const lines = Array.from({ length: rows / cell + 1 }, (_, i) => {
      const at = pixelSize * cell * i
      return `M0 ${at}H${pixelSize * width}M${at} 0V${pixelSize * rows}`
    })
    const part =
      `<g transform="translate(${left},${gap + 8})"><text y="-8">${escaped(title)}</text>` +
      `${paths.join('')}<path stroke="${grid}" fill="none" d="${lines.join('')}"/></g>`
    left += pixelSize * width + gap
    height = Math.max(height, pixelSize * rows + 2 * gap + 8)
    return part
  })
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${left} ${height}" width="${left}" height="${height}" ` +
    `role="img" aria-label="${escaped(label)}" font-family="sans-serif" font-size="13" fill="${text}">` +
    `<rect width="100%" height="100%" fill="${background}"/>${parts.join('')}</svg>\n`
  )
}
