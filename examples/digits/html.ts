// HTML from templates: whatever is put in is text, unless it was made here.

/** Text that is HTML already. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type Content = string | number | Html | readonly Html[]

/** html`<p>${'1 < 2'}</p>` is `<p>1 &lt; 2</p>`. */
export const html = (strings: TemplateStringsArray, ...values: readonly Content[]): Html =>
  new Html(strings.map((string, i) => string + (i < values.length ? textOf(values[i]) : '')).join(''))

function textOf(content: Content): string {
  if (content instanceof Html) return content.text
  if (typeof content === 'object') return content.map(({ text }) => text).join('')
  return String(content).replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}
