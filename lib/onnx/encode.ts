// An ONNX graph as the bytes of a file. Specification: scripts/onnx-schema/onnx.proto, of which the schema is generated.

import { create, toBinary } from '@bufbuild/protobuf'
import { utf8 } from '../files/bytes.ts'
import type { Attribute, OnnxGraph, OnnxNode, OnnxNumbers, OnnxTensor, OnnxValue } from './graph.ts'
import { ModelProtoSchema } from './schema/onnx_pb.js'

/** The version of the operators, and of the file format that goes with it. */
const opset = 17
const irVersion = 8

/** TensorProto.DataType */
const float = 1
const int32 = 6
const int64 = 7
const typeOf = (data: OnnxNumbers) =>
  data instanceof Float32Array ? float : data instanceof Int32Array ? int32 : int64

/** AttributeProto.AttributeType, and the field that has the value. */
function attribute(name: string, value: Attribute) {
  if ('int' in value) return { name, type: 2, i: BigInt(value.int) }
  if ('float' in value) return { name, type: 1, f: value.float }
  if ('ints' in value) return { name, type: 7, ints: value.ints.map(BigInt) }
  return { name, type: 3, s: utf8(value.text) }
}

const node = ({ name, op, inputs, output, attributes }: OnnxNode) => ({
  name,
  opType: op,
  input: [...inputs],
  output: [output],
  attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
})

/** Little-endian, as the format demands. */
const tensor = ({ name, shape, data }: OnnxTensor) => ({
  name,
  dims: shape.map(BigInt),
  dataType: typeOf(data),
  rawData: new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength),
})

/** A batch of samples; its size is open. */
const value = ({ name, shape }: OnnxValue) => ({
  name,
  type: {
    value: {
      case: 'tensorType' as const,
      value: {
        elemType: float,
        shape: {
          dim: [
            { value: { case: 'dimParam' as const, value: 'batch' } },
            ...shape.map(n => ({ value: { case: 'dimValue' as const, value: BigInt(n) } })),
          ],
        },
      },
    },
  },
})

export function encode({ name, nodes, tensors, inputs, outputs }: OnnxGraph): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: BigInt(irVersion),
    producerName: 'unshared',
    opsetImport: [{ domain: '', version: BigInt(opset) }],
    graph: {
      name,
      node: nodes.map(node),
      initializer: tensors.map(tensor),
      input: inputs.map(value),
      output: outputs.map(value),
    },
  })
  return toBinary(ModelProtoSchema, model)
}
