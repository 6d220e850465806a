// Compiles lib/simd/assembly/ to WebAssembly, and writes it as text to lib/simd/module.ts, the numbers of its kernels to
// lib/simd/kernels.ts, and what else both sides must agree on, where things lie in memory and in which order, to
// lib/simd/layout.ts. The same source gives the same files, to the byte; `--check` compares instead of writing.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'
import binaryen from 'assemblyscript/binaryen'

const MOST_BYTES = 32 * 1024

const { error, stderr, binary: compiled } = await compile()
if (error) {
  console.error(stderr)
  process.exit(1)
}
const { binary, kernels } = shortened(compiled)
if (binary.length > MOST_BYTES) {
  console.error(`the module has ${binary.length} bytes, more than ${MOST_BYTES}`)
  process.exit(1)
}
const head = `// Generated from lib/simd/assembly/ by scripts/build-simd.js. Do not edit.
// biome-ignore-all format: long lines
`
const files = {
  module: `${head}
/** The WebAssembly module, ${binary.length} bytes, as text: \`decode\` in wasm.ts reads it. */
export const wasm = '${encode(binary)}'
`,
  layout: head + layout(),
  kernels: head + numbers(),
}
for (const [name, text] of Object.entries(files)) {
  const target = new URL(`../lib/simd/${name}.ts`, import.meta.url)
  if (!process.argv.includes('--check')) writeFileSync(target, text)
  else if (readFileSync(target, 'utf8') !== text) {
    console.error(`lib/simd/${name}.ts is not what lib/simd/assembly/ gives: run \`npm run build:simd\``)
    process.exitCode = 1
  }
}
if (!process.argv.includes('--check')) console.log(`lib/simd/module.ts: ${binary.length} bytes of WebAssembly`)

/** The numbers of the kernels, as constants, which bundlers inline. */
function numbers() {
  return `// The kernels, by number: the names of the module's exports.

${kernels.map((name, number) => `export const ${name} = ${number}\n`).join('')}`
}

/** What JavaScript has to know of the assembly's memory. */
function layout() {
  const read = name => readFileSync(new URL(`../lib/simd/assembly/${name}.ts`, import.meta.url), 'utf8')
  const constant = (file, name) => {
    const [, value] = new RegExp(`const ${name}(?:: usize)? = ([\\d <]+)$`, 'm').exec(read(file))
    const [base, shift = 0] = value.split('<<').map(Number)
    return `export const ${name} = ${base * 2 ** shift}`
  }
  const [, call] = /^export class Call \{\n(.*?)^\}/ms.exec(read('window'))
  const fields = [...call.matchAll(/^ {2}(\w+): (i32|usize)$/gm)].map(
    ([, name, type]) => `${name}: ${type === 'usize' ? 4 : 1}`,
  )
  const numbered = [...read('activations').matchAll(/^const (\w+) = (\d+)$/gm)]
  if (numbered.some(([, , number], i) => Number(number) !== i)) throw new Error('activations are numbered from 0')
  const camelCase = name => name.toLowerCase().replace(/_(.)/g, (_, letter) => letter.toUpperCase())
  return `
/** Where the geometry of a call begins. */
${constant('scratch', 'CALL')}
/** Bytes of a thread's scratch, and of the panel in it. */
${constant('scratch', 'SCRATCH_SIZE')}
${constant('scratch', 'PANEL_SIZE')}
/** Numbers per cache line, the unit in which threads divide arrays. */
${constant('elementwise', 'LINE')}
/** The fields of a geometry, in order, each with its factor: strides are passed in bytes. */
export const callFields = { ${fields.join(', ')} }
/** The activations, by number. */
export const activationNames = [${numbered.map(([, name]) => `'${camelCase(name)}'`).join(', ')}] as const
`
}

async function compile() {
  let binary = null
  const folder = fileURLToPath(new URL('../lib/simd/assembly', import.meta.url))
  const { error, stderr } = await asc.main(
    [
      ...['index.ts', '--baseDir', folder, '--outFile', 'module.wasm', '-O3z', '--converge'],
      ...['--runtime', 'stub', '--noAssert', '--enable', 'simd', '--enable', 'threads', '--use', 'abort='],
      ...['--importMemory', '--noExportMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
      // 201: addresses are 32-bit numbers here; 112: no function with vectors is called from outside
      ...['--disableWarning', '201', '--disableWarning', '112'],
    ],
    {
      writeFile(name, contents) {
        if (name === 'module.wasm') binary = contents
      },
    },
  )
  return { error, stderr: stderr.toString(), binary }
}

/**
 * The same functions in fewer bytes. A vector of four equal numbers takes 18 bytes where it stands, one number that is
 * repeated 8 at most; kernels are exported by number; the locals that a function uses most come first.
 */
function shortened(compiled) {
  const module = binaryen.readBinary(compiled)
  const kernels = []
  const text = module
    .emitText()
    .replace(/\(v128\.const i32x4 (0x\w+)( \1){3}\)/g, '(i32x4.splat (i32.const $1))')
    .replace(/(?<=\(export ")\w+/g, name => kernels.push(name) - 1)
  const shorter = binaryen.parseText(text)
  shorter.setFeatures(module.getFeatures())
  shorter.runPasses(['reorder-locals'])
  module.dispose()
  try {
    return { binary: shorter.emitBinary(), kernels }
  } finally {
    shorter.dispose()
  }
}

/**
 * Bytes as characters that need no escape in any kind of string, nor in a page. A byte from −8 to 80, as a signed number,
 * is one character of 89; from 81 on a blank stands before it, from 170 on a `!`. Most bytes are near 0, and what repeats
 * stays alike: unlike base64 it compresses nearly as well as the bytes.
 */
function encode(bytes) {
  const left = [39, 60, 92] // ' < \
  const codes = Array.from({ length: 92 }, (_, i) => i + 35).filter(code => !left.includes(code))
  const text = n => ['', ' ', '!'][Math.floor(n / 89)] + String.fromCharCode(codes[n % 89])
  return Array.from(bytes, byte => text((byte + 8) % 256)).join('')
}
