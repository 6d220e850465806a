// The Chinese documents, and what keeps them in step with the English ones: the first line of a translation has the hash
// of the English text that it translates.
//   npm run translations             lists the translations whose English text has changed
//   npm run translations -- FILE …   after translating: copies the code blocks, and writes the new hash
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const sources = [
  'README.md',
  ...['start', 'layer', 'graphs', 'keras-files', 'playground'].map(name => `docs/${name}.md`),
]

/** Every translation, with the English document that it translates. */
export const translations = ['zh-CN', 'zh-TW'].flatMap(language =>
  sources.map(source => ({ language, source, file: `docs/${language}/${source.replace(/^docs\//, '')}` })),
)

export const hashOf = text => createHash('sha256').update(text).digest('hex').slice(0, 16)

const header = (source, text) => `<!-- Translation of ${source}, ${hashOf(text)} -->`

/** Whether a translation is one of this English text. */
export const isCurrent = (translation, source, text) => translation.startsWith(`${header(source, text)}\n`)

const block = /^```[\s\S]*?^```$/gm
/** The code blocks of a document, with their fences. */
export const blocksOf = text => text.match(block) ?? []

/** A translation with the code blocks of the English text, and its hash. */
export function renewed(translation, source, text) {
  const blocks = blocksOf(text)
  const own = blocksOf(translation).length
  if (own !== blocks.length) throw new Error(`${own} code blocks instead of the ${blocks.length} of ${source}`)
  const body = translation.replace(/^<!-- Translation of .* -->\n/, '')
  return `${header(source, text)}\n${body.replace(block, () => blocks.shift())}`
}

function main(files) {
  const read = file => readFileSync(file, 'utf8')
  for (const file of files) {
    const found = translations.find(translation => translation.file === relative('', resolve(file)))
    if (!found) throw new Error(`${file} is none of ${translations.map(({ file }) => file).join(', ')}`)
    writeFileSync(found.file, renewed(read(found.file), found.source, read(found.source)))
  }
  const old = translations.filter(({ file, source }) => !isCurrent(read(file), source, read(source)))
  for (const { file, source } of old) console.log(`${file} is not a translation of the present ${source}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.chdir(fileURLToPath(new URL('..', import.meta.url)))
  main(process.argv.slice(2))
}
