// Files between the page and the reader's machine. Nothing is sent anywhere.

import { freshId, h } from '../dom.ts'
import type { NamedFile } from './net-files.ts'
import { OwnDataError } from './own-data.ts'
import { inkOf, shrink } from './shrink.ts'

/** Lets the browser save a file. */
export function download({ name, bytes }: NamedFile): void {
  const address = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>]))
  h('a', { href: address, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}

export const read = async (file: File): Promise<NamedFile> => ({
  name: file.name,
  bytes: new Uint8Array(await file.arrayBuffer()),
})

const mostDots = 256 // along a side, of a picture that is made small

/** The 8 × 8 pixels of a PNG, JPEG or whatever else the browser can decode. @throws OwnDataError for an empty one */
export async function pixelsOf(file: Blob): Promise<Float32Array> {
  const picture = await createImageBitmap(file)
  const scale = Math.min(1, mostDots / Math.max(picture.width, picture.height))
  const [width, height] = [picture.width, picture.height].map(n => Math.max(1, Math.round(n * scale)))
  const pen = new OffscreenCanvas(width, height).getContext('2d') as OffscreenCanvasRenderingContext2D
  pen.imageSmoothingQuality = 'high'
  pen.drawImage(picture, 0, 0, width, height)
  picture.close()
  const ink = inkOf(pen.getImageData(0, 0, width, height).data, width, height)
  if (!ink) throw new OwnDataError('empty')
  return shrink(ink)
}

/** A button that lets the reader choose files. */
export function fileButton(label: string, accept: string, take: (files: File[]) => void, multiple = true): HTMLElement {
  const input = h('input', { type: 'file', accept, multiple, id: freshId(), class: 'file' })
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])]
    input.value = '' // the same file can be chosen again
    if (files.length > 0) take(files)
  })
  return h('div', { class: 'choose' }, h('label', { for: input.id }, label), input)
}

/** Takes files that are dropped on an element. */
export function takesDrops(element: HTMLElement, take: (files: File[]) => void): void {
  element.addEventListener('dragover', event => {
    event.preventDefault()
    element.classList.add('over')
  })
  element.addEventListener('dragleave', () => element.classList.remove('over'))
  element.addEventListener('drop', event => {
    event.preventDefault()
    element.classList.remove('over')
    const files = [...(event.dataTransfer?.files ?? [])]
    if (files.length > 0) take(files)
  })
}
