// The packages that files need, loaded when a file of their kind is touched.
import { StateError } from '../errors.ts'
export async function h5wasm() {
  const loaded = await optional('h5wasm', '.h5 and .keras files', () => import('h5wasm'))
  await loaded.ready
  silence(loaded)
  return loaded
}
export const fflate = () => optional('fflate', '.keras files', () => import('fflate'))
async function optional(name, files, load) {
  try {
    return await load()
  } catch (cause) {
    throw new StateError(`${files} need the package ${name}: npm install ${name}`, { cause })
  }
}
/** HDF5 prints a stack of its own for every error; the errors here say what is wrong. */
function silence({ FS }) {
  const { streams } = FS
  for (const stream of streams)
    if (stream?.tty) stream.tty.ops = { ...stream.tty.ops, put_char() {}, fsync() {} }
}
