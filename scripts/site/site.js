// What all pages share: which pages there are, and what they are called.
import { sections } from './navigation.js'

const listedPages = sections.flatMap(({ pages }) => pages)

class Site {
  /** @param map the pages @param children pages below a page of the navigation, by its id */
  fill(map, children) {
    this.map = map
    this.below = children
  }

  children(id) {
    return this.below[id] ?? []
  }

  titleOf(page) {
    const listed = listedPages.find(({ id }) => id === page.id)
    return page.title ?? listed?.title[page.lang] ?? page.headings?.[0]?.text ?? page.id
  }

  /** The title in the navigation of another language. */
  titleIn(page, lang) {
    return listedPages.find(({ id }) => id === page.id)?.title[lang]
  }

  aboutIn(page, lang) {
    return listedPages.find(({ id }) => id === page.id)?.about[lang] ?? ''
  }

  /** The pages of a section that exist, in the language or else in English. */
  listed(pages, lang) {
    return pages.flatMap(({ id, title }) => {
      const target = this.map.find(id, lang) ?? this.map.find(id, 'en')
      if (!target) return []
      const isOpen = page => page === target || this.children(id).includes(page)
      return [{ id, target, name: title[lang], isOpen }]
    })
  }

  /** The pages before and after one, in its language. */
  neighbours(page) {
    const row = listedPages.flatMap(({ id }) => this.map.find(id, page.lang) ?? [])
    const at = row.indexOf(page)
    return at < 0 ? [] : [row[at - 1], row[at + 1]]
  }
}

export const site = new Site()
