import { build } from 'esbuild'
import { gzipSync } from 'node:zlib'
async function size(code) {
  const { outputFiles } = await build({ stdin: { contents: code, resolveDir: '/work/main/dist' }, bundle: true, minify: true, platform: 'browser', format: 'esm', write: false, logLevel: 'error' })
  return gzipSync(outputFiles[0].contents, { level: 9 }).length
}
console.log('main', await size(`export * from './index.js'`))
console.log('LC2D', await size(`export {LocallyConnected2D} from './index.js'`))
console.log('four', await size(`export {LocallyConnected2D, Sequential, Dense, Adam} from './index.js'`))
console.log('tensor', await size(`export {Tensor} from './index.js'`))
console.log('math', await size(`export {Adam} from './index.js'`))
