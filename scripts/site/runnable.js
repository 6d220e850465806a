// Which snippets can run in a page: those whose imports the frame has.

/** The modules of the frame; those with files are in a second, larger one. */
export const modules = {
  core: ['unshared/core', 'unshared/simd'],
  small: [
    ...['unshared', 'unshared/core', 'unshared/data', 'unshared/names', 'unshared/ndarray', 'unshared/plot'],
    ...['unshared/research', 'unshared/resume', 'unshared/simd', 'unshared/summary', 'ndarray', 'ndarray-ops'],
  ],
  large: ['unshared/keras', 'unshared/onnx', 'unshared/teaching'],
}

const importsOf = code => [...code.matchAll(/(?:^|\s)from '([^']+)'/g)].map(([, name]) => name)

/** @param blocks the TypeScript blocks of one page. Null: they need Node; else the name of the frame that runs them */
export function runsInPage(blocks) {
  const imports = blocks.flatMap(importsOf)
  if (imports.length === 0) return null
  if (imports.every(name => modules.core.includes(name))) return 'core'
  if (imports.every(name => modules.small.includes(name))) return 'small'
  return imports.every(name => [...modules.small, ...modules.large].includes(name)) ? 'large' : null
}
