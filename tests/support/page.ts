// Reading a page of the documentation: its sections, and the rows of their tables.

/** The part of a page below a heading, up to the next heading. */
export function sectionOf(page: string, heading: string): string {
  const parts = page.split(/^#+ /m).filter(part => part.startsWith(`${heading}\n`))
  if (parts.length !== 1) throw new Error(`${parts.length} headings "${heading}" in the page`)
  return parts[0]
}

/** The cells of the rows of a section's tables, without their headings. */
export const rowsOf = (page: string, heading: string): string[][] =>
  sectionOf(page, heading)
    .split('\n')
    .filter(line => line.startsWith('| '))
    .map(line =>
      line
        .split('|')
        .slice(1, -1)
        .map(cell => cell.trim()),
    )
    .filter(([first]) => first !== '')

/** What stands in backquotes. */
export const namesIn = (text: string) => Array.from(text.matchAll(/`([^`]+)`/g), ([, name]) => name)
