// TensorFlow.js, which has no such layer: patches by slices, then one batched matrix product, of its own operations.
// Plain JavaScript, run in place: its packages are in ../node_modules.

import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'

const [harness, backend, threads] = process.argv.slice(2)
const { serve } = await import(pathToFileURL(`${harness}/workers/answer.js`).href)
const { numbers, seeds } = await import(pathToFileURL(`${harness}/data.js`).href)
const require = createRequire(import.meta.url)

async function load() {
  // CommonJS: their ES modules import files without extensions, which Node refuses.
  const tf = require('@tensorflow/tfjs')
  if (backend === 'wasm') {
    const wasm = require('@tensorflow/tfjs-backend-wasm')
    wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`)
    wasm.setThreadsCount(Number(threads))
  }
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no backend ${backend} here`)
  await tf.ready()
  return { version: `TensorFlow.js ${tf.version['tfjs-core']}, ${backend}`, prepare: given => layer(tf, given) }
}

function layer(tf, { batch: B, inputShape, filters: F, kernelSize, strides, learningRate }) {
  const [H, W, C] = inputShape
  const [KH, KW] = kernelSize
  const [SH, SW] = strides
  const OH = Math.floor((H - KH) / SH) + 1
  const OW = Math.floor((W - KW) / SW) + 1
  const [P, K] = [OH * OW, KH * KW * C]

  /** Every SH-th row and SW-th column from (kh, kw) on: stridedSlice has no gradient, slice and reshape have. */
  function shifted(x, kh, kw) {
    if (SH === 1 && SW === 1) return tf.slice(x, [0, kh, kw, 0], [B, OH, OW, C])
    const below = Math.max(0, kh + OH * SH - H)
    const right = Math.max(0, kw + OW * SW - W)
    const padded = tf.pad(x, [
      [0, 0],
      [0, below],
      [0, right],
      [0, 0],
    ])
    const part = tf.slice(padded, [0, kh, kw, 0], [B, OH * SH, OW * SW, C])
    const rows = tf.slice(tf.reshape(part, [B * OH, SH, OW * SW, C]), [0, 0, 0, 0], [B * OH, 1, OW * SW, C])
    const cols = tf.slice(tf.reshape(rows, [B * OH * OW, SW, C]), [0, 0, 0], [B * OH * OW, 1, C])
    return tf.reshape(cols, [B, OH, OW, C])
  }

  function local(x, kernel, bias) {
    const parts = []
    for (let kh = 0; kh < KH; kh++) for (let kw = 0; kw < KW; kw++) parts.push(shifted(x, kh, kw))
    const patches = tf.transpose(tf.reshape(tf.concat(parts, 3), [B, P, K]), [1, 0, 2])
    const products = tf.transpose(tf.matMul(patches, kernel), [1, 0, 2]) // [B, P, F]
    return tf.add(tf.reshape(products, [B, OH, OW, F]), bias)
  }

  const host = numbers(B * H * W * C, seeds.x)
  const x = tf.tensor(host, [B, H, W, C])
  const start = performance.now()
  const bound = Math.sqrt(6 / (K + F))
  const kernel = tf.variable(tf.randomUniform([P, K, F], -bound, bound, 'float32', 1))
  const bias = tf.variable(tf.zeros([OH, OW, F]))
  tf.tidy(() => local(x, kernel, bias).dataSync())
  const firstMs = performance.now() - start

  tf.tidy(() => kernel.assign(tf.tensor(numbers(P * K * F, seeds.kernel, 0.125), [P, K, F])))
  tf.tidy(() => bias.assign(tf.tensor(numbers(P * F, seeds.bias, 0.125), [OH, OW, F])))
  const dy = tf.tensor(numbers(B * P * F, seeds.dy), [B, OH, OW, F])
  const optimizer = tf.train.sgd(learningRate)
  const gradients = tf.grads(local)

  /** tf.grads runs forward too: a step is this and the update. */
  const step = () => {
    const [dx, dk, db] = tf.tidy(() => gradients([x, kernel, bias], dy))
    optimizer.applyGradients({ [kernel.name]: dk, [bias.name]: db })
    tf.dispose([dk, db])
    return dx
  }
  return {
    firstMs,
    runs: {
      forward: () => tf.dispose(local0()),
      step: () => tf.dispose(step()),
      call: () => tf.tidy(() => local(tf.tensor(host, [B, H, W, C]), kernel, bias).dataSync()),
    },
    results() {
      const y = local0().dataSync()
      const dx = step().dataSync()
      return { y, dx, kernel: kernel.dataSync(), bias: bias.dataSync() }
    },
    note: () => (backend === 'wasm' ? `threads in use: ${threadsInUse()}` : 'one thread'),
  }

  function local0() {
    return tf.tidy(() => local(x, kernel, bias))
  }
}

function threadsInUse() {
  try {
    return require('@tensorflow/tfjs-backend-wasm').getThreadsCount()
  } catch {
    return 1
  }
}

await serve(load)
