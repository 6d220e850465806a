// The Chinese documents keep step with the English ones: each is a translation of the present text, with the same code,
// the same outline, and links that lead somewhere.

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { blocksOf, isCurrent, renewed, translations } from '../../scripts/translations.js'

const read = (file: string) => readFileSync(file, 'utf8')
const withoutCode = (text: string) => blocksOf(text).reduce((rest, block) => rest.replace(block, () => ''), text)

/** The levels of the headings, and the rows of each table, in order. */
function outlineOf(text: string): string[] {
  const lines = withoutCode(text).split('\n')
  return lines.flatMap(line => {
    if (/^#+ /.test(line)) return [line.split(' ')[0]]
    return line.startsWith('|') ? [`${line.split(/(?<!\\)\|/).length - 2} cells`] : []
  })
}

/** Characters that only one of the two scripts has. */
const scripts: Record<string, RegExp> = {
  'zh-CN': /[這個們來時會對層權與為數據網絡檔預設執記憶體]/u,
  'zh-TW': /[这个们来时会对层权与为数据网络档预设执记忆体]/u,
}
const toOthers = /\[(简体|繁體)中文\]/g
const foreign = (text: string, language: string) =>
  [...withoutCode(text).replace(toOthers, '')].filter(letter => scripts[language].test(letter))

describe.each(translations)('$file', ({ file, source, language }) => {
  test('is a translation of the present text', () => {
    const message = isCurrent(read(file), source, read(source))
      ? 'current'
      : `${source} has changed: translate what has changed in ${file}, then run npm run translations -- ${file}`
    expect(message).toBe('current')
  })

  test('has the same code', () => {
    expect(blocksOf(read(file))).toEqual(blocksOf(read(source)))
  })

  test('has the same headings and tables', () => {
    expect(outlineOf(read(file))).toEqual(outlineOf(read(source)))
  })

  test('is in one script', () => {
    expect(foreign(read(file), language)).toEqual([])
  })

  test('has links that lead to files', () => {
    const links = [...read(file).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, link]) => link)
    expect(links.length).toBeGreaterThan(0)
    expect(links.filter(link => !existsSync(join(dirname(file), link)))).toEqual([])
  })
})

describe('what is wrong would be seen: negative controls', () => {
  const english = '# A\n\nText.\n\n```ts\nrun()\n```\n'
  const chinese = renewed('# 甲\n\n文字。\n\n```ts\nold()\n```\n', 'a.md', english)

  test('renewing copies the code and writes the hash', () => {
    expect(isCurrent(chinese, 'a.md', english)).toBe(true)
    expect(chinese).toMatch(/^<!-- Translation of a\.md, [0-9a-f]{16} -->\n# 甲\n\n文字。\n\n```ts\nrun\(\)\n```\n$/)
    expect(renewed(chinese, 'a.md', english)).toBe(chinese)
  })

  test('a changed word of the English text', () => {
    expect(isCurrent(chinese, 'a.md', english.replace('Text', 'Texts'))).toBe(false)
  })

  test('a code block that is missing', () => {
    expect(() => renewed('# 甲\n', 'a.md', english)).toThrow(/0 code blocks instead of the 1 of a\.md/)
  })

  test('a heading of another level, a table without a row, a word in the other script', () => {
    expect(outlineOf('## 甲\n')).not.toEqual(outlineOf('# A\n'))
    expect(outlineOf('| a |\n|---|\n')).not.toEqual(outlineOf('| a |\n|---|\n| b |\n'))
    expect(foreign('一层', 'zh-TW')).toEqual(['层'])
    expect(foreign('一層', 'zh-CN')).toEqual(['層'])
  })
})
