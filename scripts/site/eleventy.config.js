// Eleventy's part: every page of the site map through markdown-it and the layout, and the files beside them.
import { readFileSync } from 'node:fs'
import { site } from './site.js'

export default function (config) {
  const { map, markdown } = site
  config.setLibrary('md', markdown)
  for (const page of map.pages) {
    const isHtml = page.html !== undefined
    const text = isHtml ? page.html : readFileSync(page.source, 'utf8')
    config.addTemplate(`${page.url.replace(/\.html$/, '')}.${isHtml ? 'html' : 'md'}`, text, {
      layout: 'page.11ty.js',
      permalink: page.url,
      source: page.source,
    })
  }
  config.ignores.add('README.md')
  return {
    templateFormats: ['md', 'html', '11ty.js'],
    markdownTemplateEngine: false,
    htmlTemplateEngine: false,
    dir: { includes: 'layouts', layouts: 'layouts' },
  }
}
