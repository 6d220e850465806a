// Eleventy's part: puts the layout around the text of every page of the site map, and writes it.
import { site } from './site.js'

export default function (config) {
  for (const { url, html, source } of site.map.pages)
    config.addTemplate(url, html, { layout: 'page.11ty.js', permalink: url, source })
  return {
    templateFormats: ['html', '11ty.js'],
    htmlTemplateEngine: false,
    dir: { includes: 'layouts', layouts: 'layouts' },
  }
}
