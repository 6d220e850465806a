// What text is searched by: words of Latin letters by their stems and, if they are names, by their parts; Chinese by
// pairs of characters. Both the index and the questions are cut like this.
import { stemmer } from 'stemmer'

const stopWords = new Set(
  (
    'a an the of to in on at by for from with and or but not no is are was be been it its this that these those i my me we our you your ' +
    'he she they their do does did done have has had can could should would will may might must what which who when where why how there ' +
    'here then than so if as into out up down about over under again more most some any all each very just only also get make want need ' +
    'use using way let s t'
  ).split(' '),
)

/** 什么, 怎么 and their like, of questions. */
const stopPairs = new Set(
  '怎么 怎樣 怎样 怎麼 如何 什么 什麼 可以 是否 哪些 为什 為什 我的 我要 我想 么办 麼辦 能不 不能 有没 没有 有沒 沒有 一个 一個 哪里 哪裡 吗 嗎 的 了 在 和 是 把 被 我 用 能 有 要 怎 么 麼 什'.split(
    ' ',
  ),
)

const isHan = character => /\p{Script=Han}/u.test(character)

export function tokenize(text) {
  const found = []
  for (const [run] of text.normalize('NFKC').matchAll(/\p{Script=Han}+|[\p{L}\p{N}]+(?:[._-][\p{L}\p{N}]+)*/gu)) {
    if (isHan(run[0])) {
      const letters = [...run]
      if (letters.length === 1) found.push(run)
      for (let i = 0; i + 1 < letters.length; i++) found.push(letters[i] + letters[i + 1])
      continue
    }
    for (const [part] of run.matchAll(/(?:(?!\p{Script=Han})[\p{L}\p{N}._-])+/gu)) {
      found.push(part)
      const pieces = part
        .split(/[._-]|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/)
        .filter(piece => piece.length > 1)
      if (pieces.length > 1) found.push(...pieces)
    }
  }
  return found
}

export function processTerm(term) {
  const lower = term.toLowerCase()
  if (stopWords.has(lower) || stopPairs.has(lower)) return null
  return /^[a-z]+$/.test(lower) ? stemmer(lower) : lower
}

export const searchOptions = {
  fields: ['title', 'heading', 'text', 'about'],
  storeFields: ['name', 'heading', 'url', 'page', 'start'],
  tokenize,
  processTerm,
}

const ask = {
  // A guide answers more questions than the reference; a name asked for is found in both.
  boostDocument: (_id, _term, { page }) => (page.startsWith('reference/') ? 0.5 : 1),
  boost: { title: 3, heading: 3, about: 4, text: 1 },
  prefix: (term, i, terms) => i === terms.length - 1 && term.length > 2 && /^[a-z]/.test(term),
  fuzzy: term => (/^[a-z]{5,}$/.test(term) ? 0.15 : false),
  weights: { fuzzy: 0.2, prefix: 0.5 },
}

/**
 * The sections that answer, those of a page together, the best page first.
 * @param index a MiniSearch
 */
export function answers(index, question) {
  const pages = new Map()
  for (const { page, score, heading, queryTerms, ...rest } of index.search(question, ask)) {
    const found = pages.get(page) ?? { page, score: 0, words: new Set(), sections: [] }
    // A page is as good as its best sections; many weak ones don't make a good one.
    found.score += score * 0.5 ** found.sections.length
    for (const word of queryTerms) found.words.add(word)
    found.sections.push({ heading, score, ...rest })
    pages.set(page, found)
  }
  const worth = ({ score, words }) => score * words.size // pages that have more of the words come first
  return [...pages.values()].sort((a, b) => worth(b) - worth(a))
}
