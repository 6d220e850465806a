// All of it by hand: a locally connected layer, its two directions, a loss and a step, in plain loops over flat arrays.
// Real digits are blurred, and each place of the picture learns a 3 × 3 filter of its own that makes it sharp again.
// The library is used only at the end: it does the same, to the last bit.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

const { fround } = Math // a product is rounded to float32, then added in float32: so the sums are the same everywhere

// ---- Sizes: B pictures of H × W pixels; a window of KH × KW pixels stands at OH × OW places ---------------------------

const [B, H, W, KH, KW] = [32, 8, 8, 3, 3]
const [OH, OW] = [H - KH + 1, W - KW + 1]
const [P, K] = [OH * OW, KH * KW]

// ---- Data: the picture without its border is the target, and its blurred form the input ------------------------------

const lines = gunzipSync(readFileSync('examples/data/digits.csv.gz')).toString().trim().split('\n')
const digits = lines.map(line =>
  line
    .split(',')
    .slice(0, H * W)
    .map(ink => Number(ink) / 16),
)

function blurred(digit: number[]): number[] {
  return digit.map((_, i) => {
    const [row, col] = [Math.floor(i / W), i % W]
    const near = digit.filter((_, j) => Math.abs(Math.floor(j / W) - row) < 2 && Math.abs((j % W) - col) < 2)
    return near.reduce((sum, ink) => sum + ink) / 9
  })
}

const inner = (digit: number[]) => digit.filter((_, i) => i >= W && i < W * (H - 1) && i % W > 0 && i % W < W - 1)

const x = new Float32Array(B * H * W) //    [B, H, W]        the batch
const target = new Float32Array(B * P) //   [B, OH, OW]
function load(batch: number): void {
  for (let b = 0; b < B; b++) {
    const digit = digits[batch * B + b]
    x.set(blurred(digit), b * H * W)
    target.set(inner(digit), b * P)
  }
}

// ---- The layer: every place p has weights of its own, kernel[p, k] and bias[p] -----------------------------------------

const kernel = new Float32Array(P * K).fill(1 / K)
const bias = new Float32Array(P)
const y = new Float32Array(B * P) //        [B, OH, OW]      what the layer says
const dy = new Float32Array(B * P) //                        gradients: how the loss grows with each number
const dkernel = new Float32Array(P * K)
const dbias = new Float32Array(P)

/** Calls `visit` for everything that is connected: y[o] takes x[i] by kernel[w]. */
function connections(visit: (o: number, i: number, w: number) => void): void {
  for (let b = 0; b < B; b++)
    for (let oh = 0; oh < OH; oh++)
      for (let ow = 0; ow < OW; ow++)
        for (let kh = 0; kh < KH; kh++)
          for (let kw = 0; kw < KW; kw++) {
            const p = oh * OW + ow
            visit(b * P + p, (b * H + oh + kh) * W + ow + kw, p * K + kh * KW + kw)
          }
}

/** y[b, p] = bias[p] + Σ over the window of x · kernel[p] */
function forward(): void {
  for (let o = 0; o < y.length; o++) y[o] = bias[o % P]
  connections((o, i, w) => {
    y[o] += fround(x[i] * kernel[w])
  })
}

/** Forward was y[o] += x[i] · kernel[w], so dkernel[w] += dy[o] · x[i]. There is no dx: no layer comes before. */
function backward(): void {
  dkernel.fill(0)
  dbias.fill(0)
  for (let o = 0; o < dy.length; o++) dbias[o % P] += dy[o]
  connections((o, i, w) => {
    dkernel[w] += fround(dy[o] * x[i])
  })
}

// ---- The loss: the mean of (y − target)² -----------------------------------------------------------------------------

function loss(): number {
  let sum = 0
  for (let o = 0; o < y.length; o++) sum += (y[o] - target[o]) ** 2
  return sum / y.length
}

function lossBackward(): void {
  for (let o = 0; o < y.length; o++) dy[o] = fround(1 / y.length) * fround(2 * fround(y[o] - target[o]))
}

// ---- A step of gradient descent --------------------------------------------------------------------------------------

const learningRate = 5
function step(): void {
  for (let w = 0; w < kernel.length; w++) kernel[w] -= fround(fround(learningRate) * dkernel[w])
  for (let p = 0; p < bias.length; p++) bias[p] -= fround(fround(learningRate) * dbias[p])
}

const batches = Math.floor(digits.length / B)
const start = { kernel: kernel.slice(), bias: bias.slice() }
for (let epoch = 0; epoch < 5; epoch++) {
  let sum = 0
  for (let batch = 0; batch < batches; batch++) {
    load(batch)
    forward()
    sum += loss()
    lossBackward()
    backward()
    step()
  }
  console.log(`epoch ${epoch + 1}: loss ${(sum / batches).toFixed(4)}`)
}

// ---- And the library -------------------------------------------------------------------------------------------------

const { LocallyConnected2D, Sequential, SGD, Tensor } = await import('unshared')
const model = new Sequential([new LocallyConnected2D({ filters: 1, kernelSize: [KH, KW], inputShape: [H, W, 1] })])
model.setWeights([Tensor.from(start.kernel, [P, K, 1]), Tensor.from(start.bias, [OH, OW, 1])])
model.compile({ optimizer: new SGD({ learningRate }), loss: 'mse' })
for (let n = 0; n < 5 * batches; n++) {
  load(n % batches)
  model.trainOnBatch(Tensor.from(x, [B, H, W, 1]), Tensor.from(target, [B, OH, OW, 1]))
}
const same = model.getWeights().every(({ data }, i) => data.every((value, w) => Object.is(value, [kernel, bias][i][w])))
console.log(`the library has the same ${P * K + P} weights to the last bit: ${same}`)
// prints epoch 1: loss 0.0563
// prints epoch 5: loss 0.0399
// prints the library has the same 360 weights to the last bit: true
