// The layers that ONNX has counterparts for.

import {
  Add,
  Average,
  AveragePooling1D,
  AveragePooling2D,
  BatchNormalization,
  Concatenate,
  Conv1D,
  Conv1DTranspose,
  Conv2D,
  Conv2DTranspose,
  Cropping1D,
  Cropping2D,
  Dense,
  DepthwiseConv2D,
  Dot,
  Embedding,
  Flatten,
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalMaxPooling1D,
  GlobalMaxPooling2D,
  LayerNormalization,
  LocalBias,
  LocallyConnected1D,
  LocallyConnected2D,
  Maximum,
  MaxPooling1D,
  MaxPooling2D,
  Minimum,
  Multiply,
  Permute,
  PReLU,
  RepeatVector,
  Rescaling,
  SeparableConv2D,
  Subtract,
  UnitNormalization,
  UpSampling1D,
  UpSampling2D,
  ZeroPadding1D,
  ZeroPadding2D,
} from '../layers/index.ts'
import type { Layer } from '../layers/layer.ts'
import { ConnectionTableConv2D } from '../research/connection-table-conv.ts'
import { ConstantPadding2D } from '../research/constant-padding.ts'
import { Feedback } from '../research/feedback.ts'
import type { LayerWrapper } from '../research/layer-wrapper.ts'
import { LocallyConnected3D } from '../research/locally-connected-3d.ts'
import { LowRankLocallyConnected2D } from '../research/low-rank.ts'
import { SheetSmoothness } from '../research/sheet-smoothness.ts'
import { SoftThreshold } from '../research/soft-threshold.ts'
import { TiledLocallyConnected2D } from '../research/tiled.ts'
import * as merges from './merges.ts'
import * as moves from './moves.ts'
import * as normalizations from './normalizations.ts'
import { plainWeight, plus, type Writer } from './place.ts'
import * as pooling from './pooling.ts'
import * as research from './research.ts'
import * as windows from './windows.ts'

const dense: Writer<Dense> = ({ graph, weights, x }) =>
  plus(graph, graph.node('MatMul', [x, plainWeight(graph, weights.kernel)]), weights.bias)

/** In prediction, these layers are the layer inside, with weights of their own. */
const wrapped: Writer<LayerWrapper<Layer>> = place => {
  const { layer } = place.layer
  return (writerOf(layer) as Writer<unknown>)({ ...place, layer })
}

/** A class and the writer of its calls. */
type Entry = readonly [object, Writer<never>]
const entry = <L>(Class: abstract new (...args: never[]) => L, write: Writer<L>): Entry => [Class, write]

/** By class, and not by name: a subclass may compute something else. */
const writers: ReadonlyMap<object, Writer<never>> = /* @__PURE__ */ new Map([
  entry(Add, merges.add),
  entry(Average, merges.average),
  entry(AveragePooling1D, pooling.averagePooling),
  entry(AveragePooling2D, pooling.averagePooling),
  entry(BatchNormalization, normalizations.batchNormalization),
  entry(Concatenate, merges.concatenate),
  entry(ConnectionTableConv2D, research.connectionTable),
  entry(ConstantPadding2D, research.constantPadding2D),
  entry(Conv1D, windows.convolution),
  entry(Conv1DTranspose, windows.convolutionTranspose),
  entry(Conv2D, windows.convolution),
  entry(Conv2DTranspose, windows.convolutionTranspose),
  entry(Cropping1D, moves.cropping1D),
  entry(Cropping2D, moves.cropping2D),
  entry(Dense, dense),
  entry(DepthwiseConv2D, windows.depthwiseConvolution),
  entry(Dot, merges.dot),
  entry(Embedding, moves.embedding),
  entry(Feedback, wrapped),
  entry(Flatten, moves.flatten),
  entry(GlobalAveragePooling1D, pooling.globalAveragePooling),
  entry(GlobalAveragePooling2D, pooling.globalAveragePooling),
  entry(GlobalMaxPooling1D, pooling.globalMaxPooling),
  entry(GlobalMaxPooling2D, pooling.globalMaxPooling),
  entry(LayerNormalization, normalizations.layerNormalization),
  entry(LocalBias, normalizations.localBias),
  entry(LocallyConnected1D, windows.locallyConnected),
  entry(LocallyConnected2D, windows.locallyConnected),
  entry(LocallyConnected3D, research.localWindows),
  entry(LowRankLocallyConnected2D, research.lowRank),
  entry(Maximum, merges.maximum),
  entry(MaxPooling1D, pooling.maxPooling),
  entry(MaxPooling2D, pooling.maxPooling),
  entry(Minimum, merges.minimum),
  entry(Multiply, merges.multiply),
  entry(Permute, moves.permute),
  entry(PReLU, normalizations.prelu),
  entry(RepeatVector, moves.repeatVector),
  entry(Rescaling, normalizations.rescaling),
  entry(SeparableConv2D, windows.separableConvolution),
  entry(SheetSmoothness, wrapped),
  entry(SoftThreshold, research.softThreshold),
  entry(Subtract, merges.subtract),
  entry(TiledLocallyConnected2D, research.localWindows),
  entry(UnitNormalization, normalizations.unitNormalization),
  entry(UpSampling1D, pooling.upSampling1D),
  entry(UpSampling2D, pooling.upSampling2D),
  entry(ZeroPadding1D, moves.zeroPadding1D),
  entry(ZeroPadding2D, moves.zeroPadding2D),
])

/** The writer of a layer's calls; `undefined` if ONNX has no counterpart. */
export function writerOf(layer: object): Writer<unknown> | undefined {
  const write = writers.get(layer.constructor)
  if (write === wrapped && !writerOf((layer as LayerWrapper<Layer>).layer)) return undefined
  return write as Writer<unknown> | undefined
}
