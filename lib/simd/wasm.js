// The WebAssembly module of lib/simd/assembly/: what it offers, and how it is made ready. A page or a machine that can't
// or may not run it gets null.
import { wasm } from './module.ts'
export const kernelNames = [
  ...['localForward', 'localWeightGradients', 'localInputGradients'],
  ...['convolutionForward', 'convolutionWeightGradients', 'convolutionInputGradients'],
  ...['maxPoolForward', 'maxPoolBackward', 'averagePoolForward', 'averagePoolBackward'],
  ...['fillZero'],
  ...['matmulForward', 'matmulWeightGradients', 'matmulInputGradients'],
  ...['activationForward', 'activationBackward'],
  ...['softmaxForward', 'softmaxBackward'],
  ...['sgd', 'sgdMomentum', 'sgdNesterov', 'lion', 'adagrad', 'rmsprop', 'adadelta', 'adam'],
  ...['amsgrad', 'adamax', 'nadam', 'decay', 'average', 'clipNorm', 'scale', 'clipValue'],
]
const globals = globalThis
export const PAGE = 65536
/** 4 GiB, as much as 32 bits address. */
export const MOST_PAGES = 65536
const modules = {}
/** The module for a memory that threads share, or for one of its own; null where it can't run. */
export function moduleFor(shared) {
  const kind = shared ? 'shared' : 'own'
  if (modules[kind] === undefined) modules[kind] = compile(shared)
  return modules[kind] ?? null
}
/** Compiling is the probe: it fails where there is no WebAssembly, no SIMD in it, or a policy against it. */
function compile(shared) {
  try {
    const bytes = Uint8Array.from({ length: wasm.length / 2 }, (_, i) =>
      Number.parseInt(wasm.slice(2 * i, 2 * i + 2), 16),
    )
    if (!shared) bytes[flagOfMemory(bytes)] = 1
    return new globals.WebAssembly.Module(bytes)
  } catch {
    return null
  }
}
/** Where the module says that its memory is shared: 3 in the byte after its import `memory` (kind 2), 1 if not. */
function flagOfMemory(bytes) {
  const name = [...'memory'].map(c => c.charCodeAt(0))
  const at = bytes.findIndex((_, i) => [...name, 2, 3].every((byte, j) => bytes[i + j] === byte))
  return at + name.length + 1
}
/** @throws RangeError where the machine has no room */
export function createMemory(pages, shared) {
  return new globals.WebAssembly.Memory({ initial: pages, maximum: MOST_PAGES, shared })
}
export function instantiate(module, memory) {
  return new globals.WebAssembly.Instance(module, { env: { memory } })
}
