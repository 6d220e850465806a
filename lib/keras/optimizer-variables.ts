// The variables of an optimizer in Keras' files, without its step count.

import { sizeOf } from '../check.ts'
import type { Optimizer, OptimizerVariable } from '../optimizer.ts'
import { SGD } from '../optimizers.ts'
import type { Parameter } from '../parameter.ts'

/**
 * The variables in the order of Keras' files. SGD without momentum keeps nothing, but the files hold its last step as a
 * velocity; nothing depends on it.
 * @param parameters those that it trains, with the gradients of its last step
 */
export function variablesForFiles(
  optimizer: Optimizer,
  parameters: readonly Parameter[],
): OptimizerVariable[] {
  const variables = optimizer.variables()
  if (!(optimizer instanceof SGD) || optimizer.momentum > 0) return variables
  const lr = Math.fround(optimizer.learningRate)
  const velocities = parameters.map(({ name, shape, gradient }) => {
    const value = gradient?.map(g => -Math.fround(lr * g)) ?? new Float32Array(sizeOf(shape))
    return { name: `${optimizer.name}/m/${name}`, shape, value }
  })
  return [...variables, ...velocities]
}
