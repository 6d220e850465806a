// The module's exp, tanh and their kin against lib/core/math.ts, bit for bit, all over float32: through the activations, which
// are all that the module offers of them.

import { expect, test } from '@jest/globals'
import { exp, sigmoid, softplus, tanh } from '../../lib/core/math.ts'
import * as kernels from '../../lib/kernels/activations.ts'
import { SimdEngine } from '../../lib/simd/engine.ts'
import { expectSameBits } from '../support/bits.ts'
import { floatBlocks, specialFloats } from '../support/floats.ts'

const { softmax, ...elementwise } = kernels
const n = 2 ** 16
const engine = SimdEngine.create(1) as SimdEngine
const region = engine.region()
const blocks = Array.from({ length: 4 }, () => region.alloc(n)) // the memory grows: views come after
const [dy, x, y, result] = blocks.map(block => block.array)
const expected = new Float32Array(n)

/** Tries what the module makes of `x` on numbers all over float32. */
function sweep(check: (what: string) => void): void {
  x.fill(0)
  x.set(specialFloats)
  check('special numbers')
  let block = 0
  for (const floats of floatBlocks()) {
    x.set(floats)
    check(`block ${block++}`)
  }
}

test.each([
  ['exponential', exp],
  ['sigmoid', sigmoid],
  ['tanh', tanh],
  ['softplus', softplus], // max(x, 0) + log1p(exp(−|x|))
] as const)('%s is that of lib/core/math.ts', (name, f) => {
  const kernel = engine.kernel(elementwise[name])
  sweep(what => {
    kernel.forward(result, x, n, 0, 0, 0)
    for (let i = 0; i < n; i++) expected[i] = f(x[i])
    expectSameBits(result, expected, what)
  })
  expect(engine.report()[`activations.elementwise.${name}.forward`].reference).toBe(0)
})

test.each(['relu', 'leakyRelu', 'hardSigmoid', 'softsign', 'elu', 'gelu', 'swish'] as const)(
  '%s is that of the reference, and its slope too',
  name => {
    const { forward, backward } = elementwise[name]
    const fast = engine.kernel(elementwise[name])
    for (let i = 0; i < n; i++) dy[i] = 1 + i / n
    sweep(what => {
      fast.forward(y, x, n, 0.5, 1.5, 2.5)
      forward(expected, x, n, 0.5, 1.5, 2.5)
      expectSameBits(y, expected, what)
      fast.backward(result, dy, x, y, n, 0.5, 1.5, 2.5)
      backward(expected, dy, x, y, n, 0.5, 1.5, 2.5)
      expectSameBits(result, expected, `slopes of ${what}`)
    })
    expect(engine.report()[`activations.elementwise.${name}.backward`].reference).toBe(0)
  },
)

test.each([
  [8, 1],
  [2, 1],
  [4, 2],
])('softmax is that of the reference, in rows of %d that stand %d apart', (length, inner) => {
  const outer = n / length / inner
  sweep(what => {
    for (let i = 0; i < n; i += length * inner) x[i] = 0 // so that not all are far below their row's largest
    engine.kernel(softmax).forward(result, x, outer, length, inner)
    softmax.forward(expected, x, outer, length, inner)
    expectSameBits(result, expected, what)
  })
  expect(engine.report()['activations.rows.softmax.forward'].reference).toBe(0)
})
