// What the build packs into the page, unpacked: compressed bytes as text, five letters for four bytes.

/** The letters from "(" to "|", with "!" for "<", which could begin a tag. scripts/pack.js writes them. */
const valueOf85 = (code: number) => (code === 33 ? 20 : code - 40)

/** @param text of scripts/pack.js: the number of bytes, a space, and the letters */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const space = text.indexOf(' ')
  const bytes = new DataView(new ArrayBuffer(((text.length - space - 1) / 5) * 4))
  for (let at = space + 1, to = 0; at < text.length; to += 4) {
    let number = 0
    for (const end = at + 5; at < end; at++) number = number * 85 + valueOf85(text.charCodeAt(at))
    bytes.setUint32(to, number)
  }
  return new Uint8Array(bytes.buffer, 0, Number(text.slice(0, space)))
}

export const unzipped = (bytes: Uint8Array<ArrayBuffer>): Response =>
  new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')))

/** The table of the digits, whose columns were laid one after the other: each is like itself, and compresses better. */
export function tableOf(columns: Uint8Array, width = 65): string {
  const rows = columns.length / width
  const row = (i: number) => Array.from({ length: width }, (_, col) => columns[col * rows + i]).join()
  return Array.from({ length: rows }, (_, i) => row(i)).join('\n')
}
