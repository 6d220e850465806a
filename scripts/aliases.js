// The library's names, as a program of the project is bundled with its source: for esbuild, at work in the root folder.

export const aliases = {
  '#platform': './lib/node/platform.ts',
  '#parse-worker': './tests/support/parse-worker-text.ts',
  '#model-files': './lib/node/model-files.ts',
  'unshared/core': './lib/entries/core.ts',
  'unshared/data': './lib/data/index.ts',
  'unshared/keras': './lib/keras/index.ts',
  'unshared/names': './lib/entries/names.ts',
  'unshared/ndarray': './lib/ndarray/index.ts',
  'unshared/node': './lib/node/index.ts',
  'unshared/onnx': './lib/onnx/index.ts',
  'unshared/plot': './lib/plot/index.ts',
  'unshared/research': './lib/research/index.ts',
  'unshared/resume': './lib/entries/resume.ts',
  'unshared/simd': './lib/entries/simd.ts',
  'unshared/summary': './lib/entries/summary.ts',
  'unshared/teaching': './lib/teaching/index.ts',
  unshared: './lib/index.ts',
}
