// Where the reader is in a screen: what has the focus and what is open, to be found again when the screen is made anew in
// another language or theme.

const usable = 'a[href], button, input, select, textarea, summary, [tabindex]'

export function placeOf(frame: HTMLElement): { restore(): void } {
  const all = (selector: string) => [...frame.querySelectorAll<HTMLElement>(selector)]
  const focused = all(usable).indexOf(document.activeElement as HTMLElement)
  const open = all('details').map(details => (details as HTMLDetailsElement).open)
  return {
    restore() {
      all('details').forEach((details, i) => {
        ;(details as HTMLDetailsElement).open = open[i] ?? false
      })
      all(usable)[focused]?.focus({ preventScroll: true })
    },
  }
}
