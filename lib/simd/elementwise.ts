// Activations and optimizer steps on the WebAssembly module. Except for softmax they are elementwise, so threads can
// divide any array.

import type { Kernel } from '../engine/engine.ts'
import type { ElementwiseKernel, RowKernel } from '../kernels/activations.ts'
import { COST_OF_EXP, COST_OF_LINE, type SimdContext } from './context.ts'
import * as kernels from './kernels.ts'
import { activationNames, LINE } from './layout.ts'
import { restingOf, type Stretches } from './sparing.ts'

type Step = (...args: never[]) => void
type Spare = (args: (Float32Array | number)[], isHeld: boolean) => Stretches | null

/** Numbers per vector. The kernels write whole vectors, also where an array ends inside one. */
const VECTOR = 4

/** The rest of the last vector, after the first `n` numbers of an array: its bits, and a copy to restore them. */
function tailOf({ buffer, byteOffset }: Float32Array, n: number): { bits: Int32Array; before: Int32Array } {
  const bits = new Int32Array(buffer, byteOffset + 4 * n, VECTOR - (n % VECTOR))
  return { bits, before: bits.slice() }
}

/**
 * A function that takes `arrays` arrays, their length, and float32 numbers, and runs on the module if the arrays are
 * there.
 * @param arrays 0 if the module does not have the function
 * @param which an additional integer argument that selects one of several functions of the kernel
 * @param spare called before each run, tells the stretches to run over (see sparing.ts); null: everything
 */
function onModule<F extends Step>(
  context: SimdContext,
  path: string,
  kernel: number,
  arrays: number,
  slow: F,
  which: { readonly place: number; readonly number: number } | null = null,
  spare: Spare | null = null,
): F {
  const { memory, runner } = context
  const calls = context.count(path)
  const run = (...args: (Float32Array | number)[]) => {
    const n = args[arrays] as number
    let isHeld = arrays > 0
    let endsInside = false // an array ends inside a vector whose other numbers may be in use
    for (let i = 0; i < arrays && isHeld; i++) {
      const array = args[i] as Float32Array
      isHeld = memory.has(array)
      if (!isHeld || n % VECTOR === 0 || (memory.isBlock(array) && array.length === n)) continue
      endsInside = true
      if (array.byteOffset % (4 * VECTOR) > 0) isHeld = false // that vector may reach into another block
    }
    const stretches = spare?.(args, isHeld) ?? null
    if (!isHeld) {
      slow(...(args as never[]))
      return
    }
    calls.simd++
    memory.pass(args)
    for (let i = arrays + 1; i < args.length; i++) memory.setFloat(i, args[i] as number)
    if (which) memory.setInteger(which.place, which.number)
    const tails = endsInside ? args.slice(0, arrays).map(array => tailOf(array as Float32Array, n)) : null
    if (stretches) runner.runWithin(kernel, stretches)
    else runner.run(kernel, Math.ceil(n / LINE), COST_OF_LINE)
    if (tails) for (const { bits, before } of tails) bits.set(before)
  }
  return run as unknown as F
}

const simdActivation =
  (number: number) =>
  (context: SimdContext, slow: ElementwiseKernel): ElementwiseKernel => {
    const { name, forward, backward } = slow
    return {
      name,
      forward: onModule(context, `${name}.forward`, kernels.activationForward, 2, forward, { place: 6, number }),
      backward: onModule(context, `${name}.backward`, kernels.activationBackward, 4, backward, { place: 8, number }),
    }
  }

/** The elementwise activations on the module, by the names of their kernels. */
export const simdActivations = Object.fromEntries(
  activationNames.map((name, number) => [`activations.elementwise.${name}`, simdActivation(number)]),
)

/** The optimizer steps on the module: their kernels, and how many arrays each takes. */
const optimizerSteps: Readonly<Record<string, readonly [kernel: number, arrays: number]>> = {
  sgd: [kernels.sgd, 2],
  sgdMomentum: [kernels.sgdMomentum, 3],
  sgdNesterov: [kernels.sgdMomentum, 3],
  lion: [kernels.lion, 3],
  adagrad: [kernels.adagrad, 3],
  rmsprop: [kernels.rmsprop, 3],
  adadelta: [kernels.adadelta, 4],
  adam: [kernels.adam, 4],
  amsgrad: [kernels.amsgrad, 5],
  adamax: [kernels.adamax, 4],
  nadam: [kernels.nadam, 4],
  decay: [kernels.decay, 1],
  average: [kernels.average, 2],
  clipNorm: [kernels.clipNorm, 1],
  scale: [kernels.scale, 1],
  clipValue: [kernels.clipValue, 1],
}

/** The steps of one of the kernels in kernels/optimizers.ts. */
export function simdOptimizers(context: SimdContext, slow: Kernel): Kernel {
  const { sparing } = context.memory
  const { name, sumOfSquares, ...steps } = slow as { name: string; sumOfSquares?: unknown }
  const fast = Object.entries<Step>(steps).map(([key, step]) => {
    const spare: Spare = (args, isHeld) => sparing.before(args, (isHeld && restingOf[key]) || null)
    const [kernel, arrays] = optimizerSteps[key] ?? [0, 0]
    const which = kernel === kernels.sgdMomentum ? { place: 6, number: Number(key === 'sgdNesterov') } : null
    return [key, onModule(context, `${name}.${key}`, kernel, arrays, step, which, spare)]
  })
  return { ...slow, ...Object.fromEntries(fast) }
}

export function simdSoftmax(context: SimdContext, slow: RowKernel): RowKernel {
  const { memory, runner } = context
  const { name } = slow
  const forwards = context.count(`${name}.forward`)
  const backwards = context.count(`${name}.backward`)
  return {
    name,
    forward(y, x, outer, length, inner) {
      if (!memory.holds(y, x)) {
        slow.forward(y, x, outer, length, inner)
        return
      }
      forwards.simd++
      memory.pass([y, x, length, inner])
      runner.run(kernels.softmaxForward, outer, COST_OF_EXP * length * inner)
    },
    backward(dx, dy, y, outer, length, inner) {
      if (!memory.holds(dx, dy, y)) {
        slow.backward(dx, dy, y, outer, length, inner)
        return
      }
      backwards.simd++
      memory.pass([dx, dy, y, length, inner])
      runner.run(kernels.softmaxBackward, outer, COST_OF_EXP * length * inner)
    },
  }
}
