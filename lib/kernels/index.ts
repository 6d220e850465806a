// The table of kernels: what an engine offers. The functions here are the reference; an engine may put faster
// ones with the same bits in their places.

import { activationKernels } from './activations.ts'
import * as dropout from './dropout.ts'
import { local2d } from './local2d.ts'
import { lossKernels } from './losses.ts'
import * as matmul from './matmul.ts'
import { optimizerKernels } from './optimizers.ts'
import * as permute from './permute.ts'

export const kernels = {
  local2d,
  matmul,
  dropout,
  permute,
  activations: activationKernels,
  losses: lossKernels,
  optimizers: optimizerKernels,
}
