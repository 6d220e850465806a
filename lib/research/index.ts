// `unshared/research`: layers and tools of papers that Keras never had. Importing it registers their names, so that
// configs and files find them.

import { withNames } from '../core/registry.ts'
import { activations } from '../layers/activations.ts'
import { layers } from '../layers/registry.ts'
import { ConnectionTableConv2D } from './connection-table-conv.ts'
import { ConstantPadding2D } from './constant-padding.ts'
import { LocallyConnected3D } from './locally-connected-3d.ts'
import { LowRankLocallyConnected2D } from './low-rank.ts'
import { scaledTanh } from './scaled-tanh.ts'
import { SoftThreshold } from './soft-threshold.ts'
import { TiledLocallyConnected2D } from './tiled.ts'

export type { ConnectionTableConv2DOptions } from './connection-table-conv.ts'
export type { ConstantPadding2DOptions } from './constant-padding.ts'
export type { LocallyConnected3DOptions } from './locally-connected-3d.ts'
export type { LowRankLocallyConnected2DOptions } from './low-rank.ts'
export type { SoftThresholdOptions } from './soft-threshold.ts'
export type { TiledLocallyConnected2DOptions } from './tiled.ts'
export {
  ConnectionTableConv2D,
  ConstantPadding2D,
  LocallyConnected3D,
  LowRankLocallyConnected2D,
  SoftThreshold,
  scaledTanh,
  TiledLocallyConnected2D,
}

const classes = {
  ConnectionTableConv2D,
  ConstantPadding2D,
  LocallyConnected3D,
  LowRankLocallyConnected2D,
  SoftThreshold,
  TiledLocallyConnected2D,
}
for (const [name, Class] of withNames(classes)) layers.register(name, config => new Class(config as never))
activations.register('scaled_tanh', () => scaledTanh)
