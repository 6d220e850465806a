import type MiniSearch from 'minisearch'
import type { Options } from 'minisearch'

export const searchOptions: Options

export interface FoundSection {
  readonly name: string
  readonly heading: string
  readonly url: string
  readonly start: string
  readonly score: number
}

export function answers(
  index: MiniSearch,
  question: string,
): { page: string; score: number; sections: FoundSection[] }[]
