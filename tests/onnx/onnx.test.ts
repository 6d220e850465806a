// What toOnnx writes, read with the schema of ONNX. `npm run test:onnx` compares the numbers in a runtime.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromBinary } from '@bufbuild/protobuf'
import { afterAll, describe, expect, test } from '@jest/globals'
import {
  Add,
  BatchNormalization,
  type BatchShape,
  Conv2D,
  Dense,
  Dropout,
  Flatten,
  input,
  Lambda,
  Layer,
  LocallyConnected2D,
  layers,
  Model,
  Sequential,
  type SymbolicTensor,
  TimeDistributed,
} from 'unshared'
import { saveModel } from 'unshared/keras'
import { toOnnx } from 'unshared/onnx'
import { Feedback } from 'unshared/research'
import { inputIndex } from '../../lib/core/geometry.ts'
import { type ModelProto, ModelProtoSchema } from '../../lib/onnx/schema/onnx_pb.js'
import { cases, others } from '../support/layer-samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'unshared-onnx-'))
afterAll(() => rmSync(folder, { recursive: true }))

const image = { inputShape: [6, 7, 2] } as const

function sequential(...list: Layer[]): Sequential {
  const model = new Sequential(list, { seed: 1, name: 'net' })
  if (!model.built) model.build([null, ...(list[0].batchInputShape as BatchShape).slice(1)])
  return model
}

async function decoded(model: Model<never> | Model | Model<readonly SymbolicTensor[]>) {
  const proto = fromBinary(ModelProtoSchema, await toOnnx(model as Model))
  const { graph } = proto
  if (!graph) throw new Error('no graph')
  return { proto, graph, ops: graph.node.map(({ opType }) => opType) }
}

type Graph = NonNullable<ModelProto['graph']>

const tensor = (graph: Graph, name: string) => {
  const found = graph.initializer.find(each => each.name === name)
  if (!found) throw new Error(`no tensor ${name}`)
  const { buffer, byteOffset, byteLength } = new Uint8Array(found.rawData)
  const Numbers = { 1: Float32Array, 6: Int32Array, 7: BigInt64Array }[found.dataType as 1 | 6 | 7]
  return {
    shape: found.dims.map(Number),
    data: new Numbers(buffer, byteOffset, byteLength / Numbers.BYTES_PER_ELEMENT),
  }
}

const attributesOf = (graph: Graph, op: string) =>
  Object.fromEntries(
    (graph.node.find(({ opType }) => opType === op)?.attribute ?? []).map(({ name, ints, i, f, s }) => [
      name,
      ints.length > 0 ? ints.map(Number) : Buffer.from(s).toString() || Number(i) || f,
    ]),
  )

/** @throws unless each node reads what is there by then, and each name is the only one */
function assertWellFormed({ node, initializer, input, output }: Graph): void {
  const known = new Set<string>()
  const add = (name: string) => {
    if (known.has(name)) throw new Error(`${name} twice`)
    known.add(name)
  }
  for (const { name } of [...input, ...initializer]) add(name)
  for (const one of node) {
    for (const name of one.input)
      if (name !== '' && !known.has(name)) throw new Error(`${one.name} reads ${name}, which is not there`)
    for (const name of one.output) add(name)
  }
  for (const { name } of output) if (!known.has(name)) throw new Error(`the output ${name} is not computed`)
  const read = new Set(node.flatMap(one => one.input))
  for (const { name } of initializer) if (!read.has(name)) throw new Error(`${name} is stored for nobody`)
}

test('a locally connected layer: Gather, MatMul and Add over its places', async () => {
  const layer = new LocallyConnected2D({
    filters: 3,
    kernelSize: [3, 2],
    strides: [1, 2],
    ...image,
    activation: 'relu',
  })
  const { graph, ops } = await decoded(sequential(layer))
  expect(ops).toEqual(['Reshape', 'Gather', 'Transpose', 'MatMul', 'Transpose', 'Add', 'Reshape', 'Relu'])
  const { name, geometry: g } = layer
  const indices = tensor(graph, `${name}/indices`)
  expect(indices.shape).toEqual([g.P, g.K])
  const expected = Array.from({ length: g.P * g.K }, (_, i) => {
    const p = Math.floor(i / g.K)
    return inputIndex(g, Math.floor(p / g.OW), p % g.OW, i % g.K)
  })
  expect([...indices.data]).toEqual(expected)
  const [kernel, bias] = layer.parameters
  expect(tensor(graph, `${name}/kernel`)).toEqual({ shape: [g.P, g.K, g.F], data: kernel.value.slice() })
  expect(tensor(graph, `${name}/bias`)).toEqual({ shape: [g.P, g.F], data: bias.value.slice() })
})

test('all implementations write the same file', async () => {
  const first = new LocallyConnected2D({ filters: 2, kernelSize: 3, padding: 'same', ...image, name: 'local' })
  first.build([null, ...image.inputShape])
  const [one, ...rest] = await Promise.all(
    ([1, 2, 3] as const).map(async n => {
      const x = input({ shape: image.inputShape, name: 'x' })
      return toOnnx(new Model({ inputs: x, outputs: first.withImplementation(n).apply(x), name: 'net' }))
    }),
  )
  for (const other of rest) expect(other).toEqual(one)
})

test('what the file says of itself: versions, names, an open batch', async () => {
  const { proto, graph } = await decoded(sequential(new Dense({ units: 2, inputShape: [3] })))
  expect([Number(proto.irVersion), proto.producerName]).toEqual([8, 'unshared'])
  expect(proto.opsetImport.map(({ domain, version }) => [domain, Number(version)])).toEqual([['', 17]])
  const shapeOf = ({ type }: Graph['input'][number]) => {
    const { value } = type?.value ?? {}
    if (!value || !('shape' in value)) throw new Error('no tensor')
    return value.shape?.dim.map(dim => (dim.value.case === 'dimParam' ? dim.value.value : Number(dim.value.value)))
  }
  expect(graph.name).toBe('net')
  expect(graph.input.map(each => [each.name, shapeOf(each)])).toEqual([['dense_input', ['batch', 3]]])
  expect(graph.output.map(each => [each.name, shapeOf(each)])).toEqual([['dense', ['batch', 2]]])
})

test('what passes through in prediction leaves nothing', async () => {
  const { ops } = await decoded(
    sequential(
      new Dense({ units: 2, inputShape: [3] }),
      new Dropout({ rate: 0.5 }),
      new Flatten(),
      new Dense({ units: 1 }),
    ),
  )
  expect(ops).toEqual(['MatMul', 'Add', 'MatMul', 'Add'])
})

test('a convolution with channels first needs no turning; its pads are those of TensorFlow', async () => {
  const options = { filters: 3, kernelSize: 3, strides: 2, padding: 'same' } as const
  const first = await decoded(
    sequential(new Conv2D({ ...options, dataFormat: 'channels_first', inputShape: [2, 6, 8] })),
  )
  expect(first.ops).toEqual(['Conv'])
  expect(attributesOf(first.graph, 'Conv')).toEqual({
    ...{ kernel_shape: [3, 3], strides: [2, 2], pads: [0, 0, 1, 1], dilations: [1, 1] },
  })
  const last = await decoded(sequential(new Conv2D({ ...options, inputShape: [6, 8, 2] })))
  expect(last.ops).toEqual(['Transpose', 'Conv', 'Transpose'])
})

describe('graphs', () => {
  test('a shared layer: two calls, its weights once', async () => {
    const x = input({ shape: [4, 4, 1], name: 'x' })
    const shared = new LocallyConnected2D({ filters: 1, kernelSize: 2, padding: 'same', name: 'shared' })
    const outputs = new Add({ name: 'sum' }).apply([shared.apply(shared.apply(x)), x])
    const { graph, ops } = await decoded(new Model({ inputs: x, outputs, seed: 1 }))
    assertWellFormed(graph)
    expect(ops.filter(op => op === 'Gather')).toHaveLength(2)
    expect(graph.initializer.filter(({ dims }) => dims.length > 1).map(({ name }) => name)).toEqual([
      ...['shared/indices', 'shared/kernel', 'shared/bias'],
    ])
  })

  test('several inputs and outputs by name; one value as two outputs', async () => {
    const [a, b] = [input({ shape: [3], name: 'a' }), input({ shape: [3], name: 'b' })]
    const sum = new Add({ name: 'sum' }).apply([a, b])
    const model = new Model<readonly SymbolicTensor[]>({ inputs: [a, b], outputs: [sum, sum, a], seed: 1 })
    const { graph } = await decoded(model)
    assertWellFormed(graph)
    expect(graph.input.map(({ name }) => name)).toEqual(['a', 'b'])
    expect(graph.output).toHaveLength(3)
    expect(new Set(graph.output.map(({ name }) => name)).size).toBe(3)
    expect(graph.output[0].name).toBe('sum')
  })

  test('models in models, and a layer for every step', async () => {
    const end = input({ shape: [4] })
    const inner = new Model({ inputs: end, outputs: new Dense({ units: 4 }).apply(end), name: 'inner' })
    const x = input({ shape: [5, 4], name: 'x' })
    const outputs = new TimeDistributed({ layer: inner }).apply(x)
    const { graph, ops } = await decoded(new Model({ inputs: x, outputs, seed: 1 }))
    assertWellFormed(graph)
    expect(ops).toEqual(['Reshape', 'MatMul', 'Add', 'Reshape'])
  })

  test('only what the outputs depend on is written', async () => {
    const end = input({ shape: [4] })
    const [kept, left] = [new Dense({ units: 2, name: 'kept' }), new Dense({ units: 3, name: 'left' })]
    const inner = new Model<readonly SymbolicTensor[]>({ inputs: end, outputs: [kept.apply(end), left.apply(end)] })
    const x = input({ shape: [4], name: 'x' })
    const [used] = inner.apply(x) as unknown as readonly SymbolicTensor[]
    const { graph } = await decoded(new Model({ inputs: x, outputs: used, seed: 1 }))
    expect(graph.initializer.map(({ name }) => name)).toEqual(['kept/kernel', 'kept/bias'])
  })
})

test.each(cases.filter(([, { inputShape }]) => inputShape.length > 0))(
  '%s is written well: %j',
  async (className, { config = {}, inputShape }) => {
    const x = input({ shape: inputShape, name: 'x' })
    const outputs = layers.get({ className, config }).apply(x)
    const { graph } = await decoded(new Model({ inputs: x, outputs, seed: 1 }))
    assertWellFormed(graph)
  },
)

test('every layer has a counterpart, or the page says that it has none', () => {
  const page = readFileSync('docs/onnx.md', 'utf8')
  const without = [...page.matchAll(/`(\w+)` has no counterpart/g)].map(([, name]) => name)
  expect(without).toEqual(['Lambda'])
  const known = new Set([...cases.map(([name]) => name), ...others, ...without])
  expect(layers.names.filter(name => !known.has(name))).toEqual([])
})

describe('refused, by name, before anything is written', () => {
  class Cube extends Layer {
    readonly className = 'Cube'
    computeOutputShape = (shape: BatchShape) => shape
    forwardInto(y: Float32Array, x: Float32Array): void {
      for (let i = 0; i < x.length; i++) y[i] = x[i] ** 3
    }
    backwardInto(): void {}
  }
  class LoudDense extends Dense {}

  test('layers of the user, subclasses, Lambda', async () => {
    const twice = { forward() {}, backward() {} }
    const model = sequential(
      new Dense({ units: 2, inputShape: [3], name: 'fine' }),
      new Cube({ name: 'cube' }),
      new LoudDense({ units: 2, name: 'loud' }),
      new Lambda({ function: twice, name: 'twice' }),
    )
    const path = join(folder, 'refused.onnx')
    await expect(saveModel(model, path)).rejects.toThrow(
      'model: expected layers that have a counterpart in ONNX, ' +
        'received "cube (Cube), loud (LoudDense), twice (Lambda)". docs/onnx.md lists them',
    )
    expect(readdirSync(folder)).toEqual([])
    expect(existsSync(path)).toBe(false)
  })

  test('activations of the user', async () => {
    const activation = { className: 'cosine', getConfig: () => ({}), forward() {}, backward() {} }
    await expect(toOnnx(sequential(new Dense({ units: 1, inputShape: [2], activation, name: 'd' })))).rejects.toThrow(
      /received "d \(activation cosine\)"/,
    )
  })

  test('a wrapper around a layer without counterpart', async () => {
    const model = sequential(new Feedback({ layer: new LoudDense({ units: 2 }), inputShape: [3], name: 'fed' }))
    await expect(toOnnx(model)).rejects.toThrow(/fed \(Feedback\)/)
    const fine = sequential(new Feedback({ layer: new Dense({ units: 2 }), inputShape: [3] }))
    expect((await decoded(fine)).ops).toEqual(['MatMul', 'Add'])
  })

  test('a model that is not built, and what is none', async () => {
    await expect(toOnnx(new Sequential([new Dense({ units: 1 })]))).rejects.toThrow(/not built|build/)
    await expect(toOnnx({} as never)).rejects.toThrow(/model: expected a model/)
  })
})

test('saveModel writes the same bytes, to a path or not', async () => {
  const model = sequential(new Dense({ units: 2, inputShape: [3] }), new BatchNormalization())
  const bytes = await toOnnx(model)
  expect(await saveModel(model, { format: 'onnx' })).toEqual(bytes)
  await saveModel(model, join(folder, 'net.onnx'))
  expect(new Uint8Array(readFileSync(join(folder, 'net.onnx')))).toEqual(bytes)
})
