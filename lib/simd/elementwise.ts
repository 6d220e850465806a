// Activations and optimizer steps on the WebAssembly module. Except for softmax they are elementwise, so threads can
// divide any array.

import type { Kernel } from '../engine/engine.ts'
import type { ElementwiseKernel, RowKernel } from '../kernels/activations.ts'
import { COST_OF_EXP, COST_OF_LINE, type SimdContext } from './context.ts'
import { activationNames, LINE } from './layout.ts'
import { restingOf, type Stretches } from './sparing.ts'
import type { KernelName } from './wasm.ts'

type Step = (...args: never[]) => void
type Spare = (args: (Float32Array | number)[], isHeld: boolean) => Stretches | null

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
  name: KernelName,
  arrays: number,
  slow: F,
  which: { readonly place: number; readonly number: number } | null = null,
  spare: Spare | null = null,
): F {
  const { memory, runner } = context
  const calls = context.count(path)
  const kernel = context.kernel(name)
  const run = (...args: (Float32Array | number)[]) => {
    let isHeld = arrays > 0
    for (let i = 0; i < arrays; i++) isHeld &&= memory.holds(args[i] as Float32Array)
    const stretches = spare?.(args, isHeld) ?? null
    if (!isHeld) {
      slow(...(args as never[]))
      return
    }
    calls.simd++
    for (let i = 0; i < arrays; i++) memory.setArray(i, args[i] as Float32Array)
    memory.setInteger(arrays, args[arrays] as number)
    for (let i = arrays + 1; i < args.length; i++) memory.setFloat(i, args[i] as number)
    if (which) memory.setInteger(which.place, which.number)
    if (stretches) runner.runWithin(kernel, stretches)
    else runner.run(kernel, Math.ceil((args[arrays] as number) / LINE), COST_OF_LINE)
  }
  return run as unknown as F
}

const simdActivation =
  (number: number) =>
  (context: SimdContext, slow: ElementwiseKernel): ElementwiseKernel => {
    const { name, forward, backward } = slow
    return {
      name,
      forward: onModule(context, `${name}.forward`, 'activationForward', 2, forward, { place: 6, number }),
      backward: onModule(context, `${name}.backward`, 'activationBackward', 4, backward, { place: 8, number }),
    }
  }

/** The elementwise activations on the module, by the names of their kernels. */
export const simdActivations = Object.fromEntries(
  activationNames.map((name, number) => [`activations.elementwise.${name}`, simdActivation(number)]),
)

/** The optimizer kernels on the module: how many arrays each takes. */
const optimizerArrays: Readonly<Record<string, number>> = {
  sgd: 2,
  sgdMomentum: 3,
  sgdNesterov: 3,
  lion: 3,
  adagrad: 3,
  rmsprop: 3,
  adadelta: 4,
  adam: 4,
  amsgrad: 5,
  adamax: 4,
  nadam: 4,
  decay: 1,
  average: 2,
  clipNorm: 1,
  scale: 1,
  clipValue: 1,
}

/** The steps of one of the kernels in kernels/optimizers.ts. */
export function simdOptimizers(context: SimdContext, slow: Kernel): Kernel {
  const { sparing } = context.memory
  const { name, sumOfSquares, ...steps } = slow as { name: string; sumOfSquares?: unknown }
  const momentum = ['sgdMomentum', 'sgdNesterov']
  const fast = Object.entries<Step>(steps).map(([key, step]) => {
    const spare: Spare = (args, isHeld) => sparing.before(args, (isHeld && restingOf[key]) || null)
    const number = momentum.indexOf(key)
    const kernel = (number < 0 ? key : momentum[0]) as KernelName
    const which = number < 0 ? null : { place: 6, number }
    return [key, onModule(context, `${name}.${key}`, kernel, optimizerArrays[key] ?? 0, step, which, spare)]
  })
  return { ...slow, ...Object.fromEntries(fast) }
}

export function simdSoftmax(context: SimdContext, slow: RowKernel): RowKernel {
  const { memory, runner } = context
  const { name } = slow
  const forwards = context.count(`${name}.forward`)
  const backwards = context.count(`${name}.backward`)
  const forward = context.kernel('softmaxForward')
  const backward = context.kernel('softmaxBackward')
  return {
    name,
    forward(y, x, outer, length, inner) {
      if (!memory.holds(y) || !memory.holds(x)) {
        slow.forward(y, x, outer, length, inner)
        return
      }
      forwards.simd++
      memory.setArray(0, y)
      memory.setArray(1, x)
      memory.setInteger(2, length)
      memory.setInteger(3, inner)
      runner.run(forward, outer, COST_OF_EXP * length * inner)
    },
    backward(dx, dy, y, outer, length, inner) {
      if (!memory.holds(dx) || !memory.holds(dy) || !memory.holds(y)) {
        slow.backward(dx, dy, y, outer, length, inner)
        return
      }
      backwards.simd++
      memory.setArray(0, dx)
      memory.setArray(1, dy)
      memory.setArray(2, y)
      memory.setInteger(3, length)
      memory.setInteger(4, inner)
      runner.run(backward, outer, COST_OF_EXP * length * inner)
    },
  }
}
