// What the figures are made of: grids of numbers in SVG, sliders and choices.

const svgNames = 'http://www.w3.org/2000/svg'

export function svg(
  tag: string,
  attributes: Record<string, string | number>,
  ...children: (Node | string)[]
): SVGElement {
  const made = document.createElementNS(svgNames, tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value))
  made.append(...children)
  return made
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children)
  return made
}

/** 0.5 as `0.5`, −1.25 as `−1.25`. */
export const shown = (value: number): string => String(Math.round(value * 100) / 100 || 0).replace('-', '−')

/** How strongly a number is painted, and in which of two colours: eight steps of each, as classes. */
export const paint = (value: number, most: number): string => {
  const step = Math.min(8, Math.round((Math.abs(value) / most) * 8))
  return step === 0 ? 'zero' : `${value > 0 ? 'plus' : 'minus'} s${step}`
}

export interface GridOptions {
  readonly title: string
  readonly rows: number
  readonly columns: number
  /** The side of a cell. */
  readonly side: number
  readonly most: number
  readonly value: (row: number, column: number) => number
  readonly isLit: (row: number, column: number) => boolean
  readonly pick?: (row: number, column: number) => void
  /** The frame around some cells: row, column, rows, columns. */
  readonly frame?: readonly [number, number, number, number]
}

/** A grid of numbers. */
export function grid({ title, rows, columns, side, most, value, isLit, pick, frame }: GridOptions): HTMLElement {
  const width = columns * side + 4
  const height = rows * side + 4
  const drawing = svg('svg', { viewBox: `-2 -2 ${width} ${height}`, width, height, 'aria-hidden': 'true' })
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const number = value(row, column)
      const cell = svg('g', { class: `cell ${isLit(row, column) ? 'lit' : 'dim'}` })
      cell.append(
        svg('rect', { x: column * side, y: row * side, width: side, height: side, class: paint(number, most) }),
      )
      if (side >= 26)
        cell.append(
          svg(
            'text',
            { x: (column + 0.5) * side, y: (row + 0.5) * side + 4.2, 'text-anchor': 'middle' },
            shown(number),
          ),
        )
      if (pick) {
        cell.addEventListener('pointerenter', () => pick(row, column))
        cell.addEventListener('pointerdown', () => pick(row, column))
      }
      drawing.append(cell)
    }
  if (frame) {
    const [row, column, height, width] = frame
    drawing.append(
      svg('rect', { x: column * side, y: row * side, width: width * side, height: height * side, class: 'frame-line' }),
    )
  }
  return element('div', { class: 'panel' }, element('p', {}, title), drawing)
}

export interface Slider {
  readonly root: HTMLElement
  value: number
  most: number
}

export function slider(label: string, [least, most, value]: readonly number[], changed: () => void, step = 1): Slider {
  const input = element('input', {
    type: 'range',
    min: String(least),
    max: String(most),
    step: String(step),
    value: String(value),
  })
  const output = element('output', {}, String(value))
  const show = () => {
    output.textContent = input.value
  }
  input.addEventListener('input', () => {
    show()
    changed()
  })
  return {
    root: element('label', { class: 'slider' }, element('span', {}, label), input, output),
    get value() {
      return Number(input.value)
    },
    set value(next: number) {
      input.value = String(next)
      show()
    },
    set most(next: number) {
      input.max = String(next)
      show()
    },
  }
}

/** One of a few, as buttons. */
export function choice<T extends string | number>(
  label: string,
  options: readonly (readonly [T, string])[],
  changed: () => void,
): { readonly root: HTMLElement; readonly value: T } {
  let [[value]] = options
  const root = element('div', { class: 'choice', role: 'group', 'aria-label': label }, element('span', {}, label))
  for (const [option, text] of options) {
    const button = element('button', { type: 'button', 'aria-pressed': String(option === value) }, text)
    button.addEventListener('click', () => {
      value = option
      for (const other of root.querySelectorAll('button')) other.setAttribute('aria-pressed', String(other === button))
      changed()
    })
    root.append(button)
  }
  return {
    root,
    get value() {
      return value
    },
  }
}
