// Runtimes: Node in several versions and with permissions, Bun, Deno.

import { join } from 'node:path'
import { type Consumer, check, missing, type Place, resultOf, tool } from './consumer.ts'

/** Threads of the engine, and one that reads the file: nothing is said of lost limits. */
const whole = { threads: 2, workers: 2, warnings: [] }
/** Where no worker may be started, that is said. */
const alone = { workers: 0, warnings: ['UNSHARED_NO_WORKER'] }

async function inNode(place: Place, node: string): Promise<string> {
  const found = check(place, resultOf(await place.run(node, ['main.mjs'])), whole)
  const required = await place.run(node, ['--no-warnings', 'required.cjs'])
  if (required.trim() !== '[1,"function"]') throw new Error(`require: ${required}`)
  return `${found}; require`
}

const nodes: Consumer[] = ['node-20', 'node-22', 'node-24', 'node-26'].map(name => {
  const node = tool(`${name}/bin/node`)
  return {
    name,
    obstacle: missing(`${name}/bin/node`),
    async run(place) {
      const version = (await place.run(node, ['--version'])).trim()
      return `${version}: ${await inNode(place, node)}`
    },
  }
})

export const runtimes: Consumer[] = [
  { name: 'this Node', isLight: true, run: place => inNode(place, process.execPath) },
  {
    name: 'unshared/core',
    isLight: true,
    async run(place) {
      const lines = JSON.parse(await place.run(process.execPath, ['core.mjs']))
      const expected = [
        'reference',
        'object',
        'optimizer: expected the optimizer itself',
        'activation: expected the activation itself',
        'engine "simd": the program does not include it: import \'unshared/simd\'',
        "summary: the program does not include it: import 'unshared/summary'",
        "Sequential.fromConfig: the program does not include it: import 'unshared/names'",
        'simd',
        'relu',
        'Total params: 3',
        true,
      ]
      expected.forEach((each, i) => {
        const isRight = typeof each === 'string' ? String(lines[i]).startsWith(each) : lines[i] === each
        if (!isRight) throw new Error(`line ${i}: expected ${each}, received ${lines[i]}`)
      })
      if (!/import 'unshared\/names'/.test(lines[2])) throw new Error(lines[2])
      return 'names, the fast engine and summaries by import; the same classes'
    },
  },
  {
    name: 'the command line',
    isLight: true,
    async run(place) {
      const program = join(place.folder, 'node_modules/unshared/dist/node/cli/main.js')
      const help = await place.run(process.execPath, [program, '--help'])
      if (!/\binfo\b[\s\S]*\bconvert\b/.test(help)) throw new Error(help)
      return '--help'
    },
  },
  ...nodes,
  {
    name: 'Node without permissions',
    isLight: true,
    async run(place) {
      const flag = Number(process.versions.node.split('.')[0]) < 23 ? '--experimental-permission' : '--permission'
      const args = [flag, `--allow-fs-read=${join(place.folder, '*')}`, `--allow-fs-read=${join(process.cwd(), '*')}`]
      const printed = await place.run(process.execPath, [
        ...args,
        '--no-warnings=ExperimentalWarning',
        'main.mjs',
        '--one-thread',
      ])
      return check(place, resultOf(printed), alone)
    },
  },
  {
    name: 'Bun',
    obstacle: missing('@oven/bun-linux-x64/bin/bun'),
    async run(place) {
      const bun = tool('@oven/bun-linux-x64/bin/bun')
      return check(place, resultOf(await place.run(bun, ['main.mjs'])), { threads: 2, warnings: [] })
    },
  },
  {
    name: 'Deno',
    obstacle: missing('@deno/linux-x64-glibc/deno'),
    async run(place) {
      const deno = tool('@deno/linux-x64-glibc/deno')
      const args = ['run', '--allow-all', '--node-modules-dir=manual', 'main.mjs']
      return check(place, resultOf(await place.run(deno, args)), { threads: 2, warnings: [] })
    },
  },
  {
    name: 'Deno without permissions',
    obstacle: missing('@deno/linux-x64-glibc/deno'),
    async run(place) {
      const deno = tool('@deno/linux-x64-glibc/deno')
      const args = ['run', '--no-prompt', '--node-modules-dir=manual', 'main.mjs', '--one-thread']
      return check(place, resultOf(await place.run(deno, args)))
    },
  },
]
