// Compiles lib/simd/assembly/ to WebAssembly, and writes it as text to lib/simd/module.ts. The same source gives the
// same file, to the byte; `--check` compares instead of writing.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'
import binaryen from 'assemblyscript/binaryen'

const MOST_BYTES = 24 * 1024
const target = new URL('../lib/simd/module.ts', import.meta.url)

const { error, stderr, binary: compiled } = await compile()
if (error) {
  console.error(stderr)
  process.exit(1)
}
const binary = withSplats(compiled)
if (binary.length > MOST_BYTES) {
  console.error(`the module has ${binary.length} bytes, more than ${MOST_BYTES}`)
  process.exit(1)
}
const text = `// Made of lib/simd/assembly/ by scripts/build-simd.js: do not edit.
// biome-ignore-all format: one long line

/** The WebAssembly module, ${binary.length} bytes, as text: \`decode\` in wasm.ts reads it. */
export const wasm = '${encode(binary)}'
`
if (!process.argv.includes('--check')) {
  writeFileSync(target, text)
  console.log(`lib/simd/module.ts: ${binary.length} bytes of WebAssembly`)
} else if (readFileSync(target, 'utf8') !== text) {
  console.error('lib/simd/module.ts is not what lib/simd/assembly/ gives: run `npm run build:simd`')
  process.exit(1)
}

async function compile() {
  let binary = null
  const folder = fileURLToPath(new URL('../lib/simd/assembly', import.meta.url))
  const { error, stderr } = await asc.main(
    [
      ...['index.ts', '--baseDir', folder, '--outFile', 'module.wasm', '-O3z', '--converge'],
      ...['--runtime', 'stub', '--noAssert', '--enable', 'simd', '--enable', 'threads', '--use', 'abort='],
      ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
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

/** A vector of four equal numbers takes 18 bytes where it stands, one number that is repeated 8 at most. */
function withSplats(binary) {
  const module = binaryen.readBinary(binary)
  const text = module
    .emitText()
    .replace(/\(v128\.const i32x4 (0x\w+)( \1){3}\)/g, '(i32x4.splat (i32.const $1))')
  module.dispose()
  const shorter = binaryen.parseText(text)
  try {
    return shorter.emitBinary()
  } finally {
    shorter.dispose()
  }
}

/**
 * Bytes as characters that need no escape in any kind of string, nor in a page. A byte is one character of 89; from 89 on
 * a blank stands before it, from 178 on a `!`. Most bytes are small, and what repeats stays alike: unlike base64 it
 * compresses nearly as well as the bytes.
 */
function encode(bytes) {
  const left = [39, 60, 92] // ' < \
  const codes = Array.from({ length: 92 }, (_, i) => i + 35).filter(code => !left.includes(code))
  const text = byte => ['', ' ', '!'][Math.floor(byte / 89)] + String.fromCharCode(codes[byte % 89])
  return Array.from(bytes, text).join('')
}
