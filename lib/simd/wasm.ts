// The WebAssembly module of lib/simd/assembly/: what it offers, and how it is made ready. A page or a machine that can't
// or may not run it gets null.

import { wasm } from './module.ts'

/** One of the module's functions, on a stretch of its index and with a scratch of the thread's own. */
export type Kernel = (from: number, to: number, scratch: number) => void

export const kernelNames = [
  ...(['localForward', 'localWeightGradients', 'localInputGradients'] as const),
  ...(['convolutionForward', 'convolutionWeightGradients', 'convolutionInputGradients'] as const),
  ...(['maxPoolForward', 'maxPoolBackward', 'averagePoolForward', 'averagePoolBackward'] as const),
  ...(['fillZero'] as const),
  ...(['matmulForward', 'matmulWeightGradients', 'matmulInputGradients'] as const),
  ...(['activationForward', 'activationBackward'] as const),
  ...(['softmaxForward', 'softmaxBackward'] as const),
  ...(['sgd', 'sgdMomentum', 'lion', 'adagrad', 'rmsprop', 'adadelta', 'adam'] as const),
  ...(['amsgrad', 'adamax', 'nadam', 'decay', 'average', 'clipNorm', 'scale', 'clipValue'] as const),
] as const
export type KernelName = (typeof kernelNames)[number]

export interface Memory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer
  grow(pages: number): number
}

export interface Instance {
  readonly exports: Record<KernelName, Kernel>
}

/** What a thread is sent to make an instance of. */
export type Module = object

interface WebAssemblyGlobals {
  WebAssembly: {
    Module: new (bytes: Uint8Array) => Module
    Instance: new (module: Module, imports: { env: { memory: Memory } }) => Instance
    Memory: new (options: { initial: number; maximum: number; shared: boolean }) => Memory
  }
}
const globals = globalThis as unknown as WebAssemblyGlobals

export const PAGE = 65536
/** 4 GiB, as much as 32 bits address. */
export const MOST_PAGES = 65536

const modules: { shared?: Module | null; own?: Module | null } = {}

/** The module for a memory that threads share, or for one of its own; null where it can't run. */
export function moduleFor(shared: boolean): Module | null {
  const kind = shared ? 'shared' : 'own'
  if (modules[kind] === undefined) modules[kind] = compile(shared)
  return modules[kind] ?? null
}

/** Compiling is the probe: it fails where there is no WebAssembly, no SIMD in it, or a policy against it. */
function compile(shared: boolean): Module | null {
  try {
    const bytes = decode(wasm)
    if (!shared) bytes[flagOfMemory(bytes)] = 1
    return new globals.WebAssembly.Module(bytes)
  } catch {
    return null
  }
}

/** The bytes of a text that scripts/build-simd.js made. */
function decode(text: string): Uint8Array {
  const bytes: number[] = []
  let high = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 35) high = 89 * (code - 31)
    else {
      bytes.push(high + code - 35 - Number(code > 39) - Number(code > 60) - Number(code > 92))
      high = 0
    }
  }
  return Uint8Array.from(bytes)
}

/** Where the module says that its memory is shared: 3 in the byte after its import `memory` (kind 2), 1 if not. */
function flagOfMemory(bytes: Uint8Array): number {
  const name = [...'memory'].map(c => c.charCodeAt(0))
  const at = bytes.findIndex((_, i) => [...name, 2, 3].every((byte, j) => bytes[i + j] === byte))
  return at + name.length + 1
}

/** @throws RangeError where the machine has no room */
export function createMemory(pages: number, shared: boolean): Memory {
  return new globals.WebAssembly.Memory({ initial: pages, maximum: MOST_PAGES, shared })
}

export function instantiate(module: Module, memory: Memory): Instance {
  return new globals.WebAssembly.Instance(module, { env: { memory } })
}
