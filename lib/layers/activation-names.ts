// The names of activations.

import type { Registry } from '../core/registry.ts'
import {
  type Activation,
  activations as activationTable,
  elu,
  exponential,
  gelu,
  hardSigmoid,
  leakyRelu,
  linear,
  logSoftmax,
  mish,
  relu,
  relu6,
  selu,
  sigmoid,
  softmax,
  softplus,
  softsign,
  swish,
  tanh,
} from './activations.ts'

/** The registry of activations. `activations.get('hard_sigmoid')` and `activations.get('hardSigmoid')` are the same. */
export const activations: Registry<Activation> = /* @__PURE__ */ nameActivations()

export function nameActivations(): Registry<Activation> {
  return activationTable.fill(
    {
      linear: () => linear,
      relu,
      sigmoid,
      hard_sigmoid: hardSigmoid,
      tanh,
      softmax,
      log_softmax: logSoftmax,
      softplus,
      softsign,
      selu,
      elu,
      exponential,
      gelu,
      swish,
      mish,
      relu6,
      leaky_relu: leakyRelu,
    },
    { silu: 'swish' },
  )
}
