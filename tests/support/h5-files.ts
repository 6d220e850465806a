// HDF5 files made by hand.

import * as h5wasm from 'h5wasm'

type File = InstanceType<typeof h5wasm.File>
export type Group = InstanceType<typeof h5wasm.Group>

let made = 0

async function fileSystem() {
  await h5wasm.ready
  return h5wasm.FS as unknown as {
    readFile(path: string): Uint8Array
    writeFile(path: string, bytes: Uint8Array): void
    unlink(path: string): void
  }
}

/** The bytes of a file that `change` fills. @param old the file to change; default: a new one */
export async function h5File(change: (file: File) => void, old?: Uint8Array): Promise<Uint8Array> {
  const files = await fileSystem()
  const path = `/by-hand-${made++}.h5`
  if (old) files.writeFile(path, old)
  const file = new h5wasm.File(path, old ? 'a' : 'w')
  change(file)
  file.close()
  const bytes = files.readFile(path)
  files.unlink(path)
  return bytes
}

/** Looks into a file. */
export async function lookInto<T>(bytes: Uint8Array, look: (file: File) => T): Promise<T> {
  const found: T[] = []
  await h5File(file => found.push(look(file)), bytes)
  return found[0]
}

export interface StoredWeight {
  readonly name: string
  readonly shape: number[]
  readonly data: Float32Array
}

/** Layers and their weights as Keras 2 has them, in the file's root or in a group of it. */
export function addLayers(root: Group, layers: Readonly<Record<string, readonly StoredWeight[]>>, text = 'S'): void {
  const names = Object.keys(layers)
  root.create_attribute('layer_names', names, [names.length], text)
  for (const [name, weights] of Object.entries(layers)) {
    const group = root.create_group(name)
    const stored = weights.map(weight => `${name}/${weight.name}:0`)
    if (stored.length > 0) group.create_attribute('weight_names', stored, [stored.length], text)
    else group.create_attribute('weight_names', new Float64Array(0), [0], '<d')
    const inner = weights.length > 0 ? group.create_group(name) : group
    for (const { name: weight, shape, data } of weights) inner.create_dataset({ name: `${weight}:0`, shape, data })
  }
}
