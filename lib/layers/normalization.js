// What the normalizations share: scale and shift behind numbers of mean 0 and variance 1.
import { boolean, finite, sizeOf } from '../check.ts'
import { constraints } from '../constraints.ts'
import { ArgumentError } from '../errors.ts'
import { initializers } from '../initializers.ts'
import { regularizers } from '../regularizers.ts'
import { serializeOptional } from './kernel-bias.ts'
import { layerOptionNames } from './layer.ts'
export const normalizationOptionNames = [
  ...layerOptionNames,
  ...['axis', 'epsilon', 'center', 'scale', 'betaInitializer', 'gammaInitializer'],
  ...['betaRegularizer', 'gammaRegularizer', 'betaConstraint', 'gammaConstraint'],
]
export const normalizationAttributes = options => ({
  epsilon: finite('epsilon', options.epsilon ?? 0.001, 0),
  center: boolean('center', options.center ?? true),
  scale: boolean('scale', options.scale ?? true),
  betaInitializer: initializers.get(options.betaInitializer ?? 'zeros'),
  gammaInitializer: initializers.get(options.gammaInitializer ?? 'ones'),
  betaRegularizer: regularizers.getOptional(options.betaRegularizer),
  gammaRegularizer: regularizers.getOptional(options.gammaRegularizer),
  betaConstraint: constraints.getOptional(options.betaConstraint),
  gammaConstraint: constraints.getOptional(options.gammaConstraint),
})
/** Those of beta and gamma as `getConfig` shows them. */
export const betaAndGammaConfig = layer => ({
  betaRegularizer: serializeOptional(regularizers.serialize, layer.betaRegularizer),
  gammaRegularizer: serializeOptional(regularizers.serialize, layer.gammaRegularizer),
  betaConstraint: serializeOptional(constraints.serialize, layer.betaConstraint),
  gammaConstraint: serializeOptional(constraints.serialize, layer.gammaConstraint),
})
/** Axes of a sample, counted from 0, from axes that count the batch and may count from the end. */
export function sampleAxes(axis, inputShape) {
  const rank = inputShape.length + 1
  return (typeof axis === 'number' ? [axis] : [...axis]).map(a => {
    const from1 = a < 0 ? a + rank : a
    if (Number.isSafeInteger(a) && from1 >= 1 && from1 < rank) return from1 - 1
    throw new ArgumentError('axis', axis, `axes of an input with ${rank} of them, but not the batch`)
  })
}
/** For each number of a sample, its index along the chosen axes alone: which gamma and beta it takes. */
export function indexAlong(axes, shape) {
  const index = new Int32Array(sizeOf(shape))
  for (let i = 0; i < index.length; i++) {
    let [rest, at, step] = [i, 0, 1]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (axes.includes(axis)) {
        at += (rest % shape[axis]) * step
        step *= shape[axis]
      }
      rest = Math.floor(rest / shape[axis])
    }
    index[i] = at
  }
  return index
}
