// Pictures that readers bring: drawn, dropped, or from a table. Each has a class with a name.

import type { DataSet, Pictures } from '../digits.ts'
import { shrink } from './shrink.ts'

export interface OwnPicture {
  /** 64 numbers from 0 (paper) to 1 (ink). */
  readonly pixels: Float32Array
  /** Which of the classes. */
  readonly label: number
}

export interface OwnData {
  readonly classes: readonly string[]
  readonly pictures: readonly OwnPicture[]
}

export const nothingOwn: OwnData = { classes: [], pictures: [] }
export const mostClasses = 10
export const mostPictures = 5000
const longestName = 24

/** What is wrong with data, by the name of the text that says it. */
export class OwnDataError extends Error {
  readonly key: 'columns' | 'numbers' | 'classes' | 'pictures' | 'empty'
  readonly values: Readonly<Record<string, string | number>>

  constructor(key: OwnDataError['key'], values: Readonly<Record<string, string | number>> = {}) {
    super(`${key} ${JSON.stringify(values)}`)
    this.key = key
    this.values = values
  }
}

/** With more pictures, each with the name of its class. @throws OwnDataError beyond the limits */
export function withPictures(own: OwnData, more: readonly { name: string; pixels: Float32Array }[]): OwnData {
  const classes = [...own.classes]
  const pictures = [...own.pictures]
  for (const { name, pixels } of more) {
    const short = name.trim().slice(0, longestName) || '?'
    if (!classes.includes(short)) classes.push(short)
    pictures.push({ pixels, label: classes.indexOf(short) })
  }
  if (classes.length > mostClasses) throw new OwnDataError('classes', { most: mostClasses, found: classes.length })
  if (pictures.length > mostPictures) throw new OwnDataError('pictures', { most: mostPictures, found: pictures.length })
  return { classes, pictures }
}

/** Without a picture; a class without pictures goes too. */
export function withoutPicture({ classes, pictures }: OwnData, index: number): OwnData {
  return tidy(
    classes,
    pictures.filter((_, i) => i !== index),
  )
}

export const withoutClass = ({ classes, pictures }: OwnData, label: number): OwnData =>
  tidy(
    classes,
    pictures.filter(picture => picture.label !== label),
  )

function tidy(classes: readonly string[], pictures: readonly OwnPicture[]): OwnData {
  const used = classes.filter((_, i) => pictures.some(({ label }) => label === i))
  return { classes: used, pictures: pictures.map(p => ({ ...p, label: used.indexOf(classes[p.label]) })) }
}

/** The class that a file's name tells: "cat-3.png" and "cat/3.png" are cats. */
export function classOf(path: string): string {
  const parts = path.split('/')
  if (parts.length > 1) return parts[parts.length - 2]
  return path.replace(/\.\w+$/, '').replace(/[\s_-]*\(?\d+\)?$/, '')
}

const labelNames = /^(label|class|target|digit|y)$/i

/**
 * A table: in each line the pixels of a square picture and its class, of any name. A head may say which column is the
 * class; else it is the last, or with 28 × 28 pixels, as MNIST's tables have it, the first. Ink is the larger number: up to
 * 1, 16 or 255.
 * @throws OwnDataError for lines that are no pictures
 */
export function readTable(text: string): { name: string; pixels: Float32Array }[] {
  const lines = text
    .split(/\r?\n/)
    .filter(line => line.trim() !== '')
    .map(line => line.split(/[,;\t]/).map(cell => cell.trim().replace(/^"(.*)"$/, '$1')))
  const width = lines[0]?.length ?? 0
  const size = Math.sqrt(width - 1)
  if (!Number.isInteger(size) || size < 2) throw new OwnDataError('columns', { found: width })
  const named = lines[0].findIndex(cell => labelNames.test(cell))
  const isHead = named >= 0 || lines[0].filter(cell => !isNumber(cell)).length > 1
  const column = named >= 0 ? named : width === 785 ? 0 : width - 1
  const rows = lines.slice(isHead ? 1 : 0).map((cells, i) => {
    const line = i + (isHead ? 2 : 1)
    if (cells.length !== width) throw new OwnDataError('columns', { found: cells.length, line })
    const numbers = cells.filter((_, j) => j !== column)
    if (!numbers.every(isNumber)) throw new OwnDataError('numbers', { line })
    return { name: cells[column], values: Float32Array.from(numbers, Number) }
  })
  if (rows.length === 0) throw new OwnDataError('empty')
  const most = rows.reduce((most, { values }) => values.reduce((a, b) => Math.max(a, b), most), 0)
  const full = [1, 16, 255].find(limit => most <= limit) ?? most
  return rows.map(({ name, values }) => ({
    name,
    pixels: shrink({ width: size, height: size, values: values.map(value => Math.max(0, value) / full) }),
  }))
}

const isNumber = (text: string) => text !== '' && Number.isFinite(Number(text))

/** Of each class every fourth picture is for the test, from the second on. */
export const isForTest = (nth: number): boolean => nth % 4 === 1

/** @returns null unless there are two classes, each with a picture to learn from and one for the test */
export function dataSetOf({ classes, pictures }: OwnData): DataSet | null {
  const seen = classes.map(() => 0)
  const parts: { train: OwnPicture[]; test: OwnPicture[] } = { train: [], test: [] }
  for (const picture of pictures) parts[isForTest(seen[picture.label]++) ? 'test' : 'train'].push(picture)
  if (classes.length < 2 || seen.some(count => count < 2)) return null
  const joined = (list: readonly OwnPicture[]): Pictures => {
    const images = new Float32Array(64 * list.length)
    list.forEach(({ pixels }, i) => {
      images.set(pixels, 64 * i)
    })
    return { images, labels: Float32Array.from(list, ({ label }) => label), size: 64 }
  }
  return { train: joined(parts.train), test: joined(parts.test) }
}
