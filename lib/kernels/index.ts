// The table of kernels: what an engine offers. The functions here are the reference; an engine may put faster
// ones with the same bits in their places.

import { activationKernels } from './activations.ts'
import * as convolutionTranspose from './convolution-transpose.ts'
import * as depthwise from './depthwise2d.ts'
import * as dropout from './dropout.ts'
import * as gather from './gather.ts'
import * as interpolate from './interpolate.ts'
import * as localBias from './local-bias.ts'
import { type Local2D, local2d } from './local2d.ts'
import * as loop from './local2d-loop.ts'
import * as matmul from './matmul.ts'
import * as normalization from './normalization.ts'
import { optimizerKernels } from './optimizers.ts'
import * as permute from './permute.ts'
import * as pooling from './pool2d.ts'
import * as prelu from './prelu.ts'

const convolution: Local2D = { forward: loop.forward, backward: loop.backward }

export const kernels = {
  local2d,
  localBias,
  convolution,
  convolutionTranspose,
  depthwise,
  pooling,
  gather,
  interpolate,
  matmul,
  dropout,
  normalization,
  prelu,
  permute,
  activations: activationKernels,
  optimizers: optimizerKernels,
}
