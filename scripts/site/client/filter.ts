// The tables of the compatibility page, filtered: by a word, and by what is said of each thing.

const texts = {
  en: {
    word: 'Filter by name',
    all: 'all',
    rows: (n: number, of: number) => `${n} of ${of} rows`,
    kind: 'What is said',
  },
  'zh-CN': { word: '按名称筛选', all: '全部', rows: (n: number, of: number) => `${of} 行中的 ${n} 行`, kind: '状态' },
  'zh-TW': { word: '按名稱篩選', all: '全部', rows: (n: number, of: number) => `${of} 列中的 ${n} 列`, kind: '狀態' },
}
const text = texts[document.documentElement.lang as keyof typeof texts] ?? texts.en
const host = document.querySelector('.filter') as HTMLElement
const article = document.querySelector('article') as HTMLElement

/** The states that a column may have, by their first words as the page writes them. */
const kinds = ['same', 'better', 'stricter', 'here', 'ours', 'not here', 'accepted']

interface Row {
  readonly element: HTMLTableRowElement
  readonly words: string
  readonly kind: string
}

const rows: Row[] = [...article.querySelectorAll<HTMLTableRowElement>('tbody tr')].map(element => {
  const cells = [...element.cells].map(cell => cell.textContent?.trim().toLowerCase() ?? '')
  return { element, words: `${headingOf(element)} ${cells.join(' ')}`, kind: kindOf(cells) }
})

function kindOf(cells: readonly string[]): string {
  for (const cell of cells) {
    if (cell.startsWith('as in ')) return 'same'
    const kind = kinds.find(name => cell === name || cell.startsWith(`${name} `) || cell.startsWith(`${name},`))
    if (kind) return kind
  }
  return ''
}

/** The headings above an element. */
function headingOf(element: Element): string {
  const found: string[] = []
  let level = 7
  for (let at: Element | null = element.closest('.scroll'); at; at = at.previousElementSibling) {
    const own = /^H([2-6])$/.exec(at.tagName)
    if (own && Number(own[1]) < level) {
      level = Number(own[1])
      found.push(at.textContent?.toLowerCase() ?? '')
    }
  }
  return found.join(' ')
}

const input = document.createElement('input')
input.type = 'search'
input.placeholder = text.word
input.setAttribute('aria-label', text.word)
const group = document.createElement('div')
group.setAttribute('role', 'group')
group.setAttribute('aria-label', text.kind)
group.className = 'kinds'
const count = document.createElement('output')
host.append(input, group, count)

const present = kinds.filter(kind => rows.some(row => row.kind === kind))
let chosen = ''
const buttons = ['', ...present].map(kind => {
  const button = document.createElement('button')
  button.type = 'button'
  const number = rows.filter(row => kind === '' || row.kind === kind).length
  button.append(kind || text.all, ' ')
  const small = document.createElement('small')
  small.textContent = String(number)
  button.append(small)
  button.addEventListener('click', () => {
    chosen = kind
    show()
  })
  group.append(button)
  return { kind, button }
})

/** Headings and paragraphs of which nothing is left are hidden as long as something is filtered. */
function show(): void {
  const wanted = input.value.trim().toLowerCase().split(/\s+/).filter(Boolean)
  const isFiltered = wanted.length > 0 || chosen !== ''
  let shown = 0
  for (const { element, words, kind } of rows) {
    const fits = (chosen === '' || kind === chosen) && wanted.every(word => words.includes(word))
    element.hidden = !fits
    if (fits) shown++
  }
  const children = [...article.children]
  const levels = new Map<number, boolean>()
  for (const child of children.reverse()) {
    if (child === host || child.tagName === 'H1') continue
    const heading = /^H([2-6])$/.exec(child.tagName)
    if (heading) {
      const level = Number(heading[1])
      const hasRows = [...levels].some(([at, has]) => at >= level && has)
      for (const at of levels.keys()) if (at >= level) levels.delete(at)
      if (hasRows) levels.set(level, true)
      ;(child as HTMLElement).hidden = isFiltered && !hasRows
    } else if (child.classList.contains('scroll')) {
      const hasRows = rows.some(({ element }) => !element.hidden && child.contains(element))
      if (hasRows) levels.set(6, true)
      ;(child as HTMLElement).hidden = isFiltered && !hasRows
    } else (child as HTMLElement).hidden = isFiltered
  }
  for (const { kind, button } of buttons) button.setAttribute('aria-pressed', String(kind === chosen))
  count.textContent = text.rows(shown, rows.length)
  history.replaceState(
    null,
    '',
    isFiltered ? `#filter=${encodeURIComponent([chosen, ...wanted].join('+'))}` : location.pathname,
  )
}

const [, given] = /^#filter=(.*)$/.exec(location.hash) ?? []
if (given !== undefined) {
  const [kind, ...wanted] = decodeURIComponent(given).split('+')
  chosen = present.includes(kind) ? kind : ''
  input.value = wanted.join(' ')
}
input.addEventListener('input', show)
if (given !== undefined) show()
else {
  for (const { kind, button } of buttons) button.setAttribute('aria-pressed', String(kind === ''))
  count.textContent = text.rows(rows.length, rows.length)
}
