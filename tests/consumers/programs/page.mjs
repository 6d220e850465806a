import { run } from './program.mjs'

globalThis.result = run(globalThis.crossOriginIsolated ? 2 : 1)
