// Compilers of TypeScript, in the settings that packages meet.

import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Consumer, missing, tool } from './consumer.ts'

const strict = [
  '--strict',
  '--noEmit',
  '--target',
  'es2022',
  '--skipLibCheck',
  'false',
  '--types',
  'node',
  '--pretty',
  'false',
]
const settings: Readonly<Record<string, readonly string[]>> = {
  bundler: ['--module', 'esnext', '--moduleResolution', 'bundler'],
  node16: ['--module', 'node16'],
  nodenext: ['--module', 'nodenext'],
  exact: ['--module', 'nodenext', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess'],
}
/** Resolves by `main` alone; gone in TypeScript 7. */
const node10 = ['--module', 'esnext', '--moduleResolution', 'node10', '--ignoreDeprecations']

function compiler(version: string): { command: string; isThere: () => string | null } {
  if (version === '7.0') return { command: resolve('node_modules/typescript/bin/tsc'), isThere: () => null }
  const command = `typescript-${version}/bin/tsc`
  return { command: tool(command), isThere: missing(command) }
}

export const compilers: Consumer[] = ['7.0', '6.0', '5.9', '5.4'].map(version => {
  const { command, isThere } = compiler(version)
  return {
    name: `TypeScript ${version}`,
    isLight: version === '7.0',
    obstacle: isThere,
    async run(place) {
      if (!existsSync(join(place.folder, 'node_modules/unshared/dist/index.d.ts')))
        throw new Error('no types are packed')
      place.write('readme.ts', /^```ts\n([\s\S]*?)^```$/m.exec(readFileSync('README.md', 'utf8'))?.[1] ?? '')
      const old = version === '7.0' ? {} : { node10: [...node10, version === '6.0' ? '6.0' : '5.0'] }
      for (const [name, flags] of Object.entries({ ...settings, ...old }))
        await place
          .run(process.execPath, [command, ...strict, ...flags, 'types.ts', 'readme.ts'])
          .catch((error: Error) => {
            throw new Error(`${name}: ${error.message}`)
          })
      return Object.keys({ ...settings, ...old }).join(', ')
    },
  }
})
