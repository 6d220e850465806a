// `#model-files`, as a page has it: no paths, and reading happens in the thread that asks.

export { openAnywhere as openModelFile } from './sources.ts'
