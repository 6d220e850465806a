// The site in docs/site/. It works from a folder on the disk, without a server or a network; `--serve` also shows it at
// http://127.0.0.1:8018.
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import Eleventy from '@11ty/eleventy'
import { buildFrames, buildScripts, buildStyle } from './bundles.js'
import { addFigures } from './figures.js'
import { makeMarkdown } from './markdown.js'
import { languages } from './navigation.js'
import { readReference } from './reference/read.js'
import { Reference } from './reference/reference.js'
import { writeSearchIndexes } from './search-index.js'
import { serve } from './serve.js'
import { site } from './site.js'
import { findPages, SiteMap } from './site-map.js'
import { sourcePages } from './source-pages.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
process.chdir(root)
const final = 'docs/site'
const target = 'out/site/pages' // takes the place of the site before when it is complete

rmSync(target, { recursive: true, force: true })
mkdirSync(`${target}/app`, { recursive: true })

const map = new SiteMap(findPages())
const reference = new Reference(await readReference(), map)
site.fill(map, { 'reference/index': reference.pages })
site.markdown = makeMarkdown(map, reference)

// What the reader sees of Markdown is known before the layout puts the rest around it.
for (const page of map.pages) {
  page.scripts ??= []
  if (page.html === undefined)
    page.body = site.markdown.render(readFileSync(page.source, 'utf8'), { source: page.source })
}
reference.render(site.markdown)
sourcePages(map, reference)
for (const page of map.pages) {
  page.scripts ??= []
  page.html ??= addFigures(page, map)
  page.about = site.aboutIn(page, page.lang)
}

const eleventy = new Eleventy('scripts/site', target, {
  configPath: 'scripts/site/eleventy.config.js',
  quietMode: true,
})
await eleventy.write()

cpSync('docs/images', `${target}/images`, { recursive: true })
cpSync('docs/playground.html', `${target}/app/playground.html`)
writeFileSync(`${target}/icon.svg`, readFileSync('scripts/site/style/icon.svg'))
await Promise.all([buildStyle(target), buildScripts(target), buildFrames(target)])
const sizes = writeSearchIndexes(target, map, reference)

const counts = languages.map(({ code }) => `${code} ${map.pages.filter(({ lang }) => lang === code).length}`)
rmSync(final, { recursive: true, force: true })
renameSync(target, final)
console.log(`${final}: ${map.pages.length} pages (${counts.join(', ')})`)
console.log(`reference: ${reference.summary()}; search indexes: ${sizes}`)
const problems = reference.problems()
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
if (process.argv.includes('--serve')) console.log((await serve(final, 8018)).address)
