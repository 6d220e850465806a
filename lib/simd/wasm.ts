// The WebAssembly module built from lib/simd/assembly/: its kernels, compilation and instantiation. Where it cannot or
// must not run, `moduleFor` returns null.

import { wasm } from './module.ts'

/** An exported function, called for the part from … to − 1 of its index and with the scratch of the calling thread. */
export type Kernel = (from: number, to: number, scratch: number) => void

export interface Memory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer
  grow(pages: number): number
}

export interface Instance {
  /** The kernels, by their numbers. */
  readonly exports: Readonly<Record<number, Kernel>>
}

/** A compiled module, which can be sent to threads. */
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
/** 4 GiB, the range of 32-bit addresses. */
export const MOST_PAGES = 65536

const modules: { shared?: Module | null; own?: Module | null } = {}

/** The module for shared or for unshared memory; null if it cannot run. */
export function moduleFor(shared: boolean): Module | null {
  const kind = shared ? 'shared' : 'own'
  if (modules[kind] === undefined) modules[kind] = compile(shared)
  return modules[kind] ?? null
}

/** Compiles the module; null if it fails, because WebAssembly or SIMD is missing or a policy forbids it. */
function compile(shared: boolean): Module | null {
  try {
    const bytes = decode(wasm)
    if (!shared) bytes[flagOfMemory(bytes)] = 1
    return new globals.WebAssembly.Module(bytes)
  } catch {
    return null
  }
}

/** Decodes the text that scripts/build-simd.js generates; numbers below 0 become bytes in the end. */
function decode(text: string): Uint8Array {
  const bytes: number[] = []
  let high = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 35) high = 89 * (code - 31)
    else {
      bytes.push(high + code - 43 - Number(code > 39) - Number(code > 60) - Number(code > 92))
      high = 0
    }
  }
  return Uint8Array.from(bytes)
}

/** The offset of the byte, after the import `memory` (kind 2), that is 3 for shared memory and 1 for unshared. */
function flagOfMemory(bytes: Uint8Array): number {
  const name = [...'memory'].map(c => c.charCodeAt(0))
  const at = bytes.findIndex((_, i) => [...name, 2, 3].every((byte, j) => bytes[i + j] === byte))
  return at + name.length + 1
}

/** @throws RangeError when memory cannot be allocated */
export function createMemory(pages: number, shared: boolean): Memory {
  return new globals.WebAssembly.Memory({ initial: pages, maximum: MOST_PAGES, shared })
}

export function instantiate(module: Module, memory: Memory): Instance {
  return new globals.WebAssembly.Instance(module, { env: { memory } })
}
