// Packs what the playground carries, so that it needs little room; examples/playground/packed.ts unpacks it.
import { gzipSync } from 'fflate' // zlib's bytes would depend on the version of Node

/** Four bytes as five letters: from "(" to "|", with "!" for "<", which could begin a tag. */
function letters(bytes) {
  const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4)
  padded.set(bytes)
  const view = new DataView(padded.buffer)
  const text = []
  for (let at = 0; at < padded.length; at += 4) {
    let number = view.getUint32(at)
    const five = []
    for (let i = 0; i < 5; i++) {
      const value = number % 85
      five.unshift(value === 20 ? '!' : String.fromCharCode(40 + value))
      number = Math.floor(number / 85)
    }
    text.push(...five)
  }
  return text.join('')
}

/** Compressed, as a text without "<". @param given bytes or text */
export function pack(given) {
  const bytes = gzipSync(typeof given === 'string' ? new TextEncoder().encode(given) : given, { level: 9, mtime: 0 })
  return `${bytes.length} ${letters(bytes)}`
}

/** The columns of a table of small whole numbers, one after the other. */
export function columnsOf(csv) {
  const rows = csv
    .trim()
    .split('\n')
    .map(line => line.split(',').map(Number))
  const bytes = new Uint8Array(rows.length * rows[0].length)
  rows.forEach((row, i) => {
    row.forEach((value, col) => {
      bytes[col * rows.length + i] = value
    })
  })
  return bytes
}
