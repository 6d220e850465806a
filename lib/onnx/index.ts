// `unshared/onnx`: models for ONNX runtimes.

import { ArgumentError } from '../core/errors.ts'
import { Model, type Outputs } from '../models/model.ts'
import { assertFits, onnxGraph } from './convert.ts'
import { encode } from './encode.ts'

/**
 * The bytes of an .onnx file (opset 17, IR version 8), which runs wherever there is an ONNX runtime: with the same inputs and
 * outputs, by their names, for batches of any size, as in prediction. `saveModel(model, 'model.onnx')` of `unshared/keras`
 * writes it to a file.
 *
 * ```ts
 * const bytes = await toOnnx(model)
 * ```
 *
 * A locally connected layer becomes Gather, MatMul and Add: the patches of all places, each with the place's own kernel.
 *
 * @throws ArgumentError naming the layers and activations that have no counterpart in ONNX, and for more than 2 GiB of
 * weights. StateError before the model is built
 */
export async function toOnnx(model: Model<Outputs>): Promise<Uint8Array> {
  if (!(model instanceof Model)) throw new ArgumentError('model', model, 'a model')
  const graph = onnxGraph(model)
  assertFits(graph)
  return encode(graph)
}
