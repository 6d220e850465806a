// Graphs built, compiled and fed in wrong ways: every refusal of graphs.json, done again in TypeScript. What only
// Keras accepts is a row of docs/keras-compatibility.md.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import {
  Add,
  Concatenate,
  Conv1DTranspose,
  Dense,
  Dot,
  input,
  Model,
  Sequential,
  Subtract,
  Tensor,
  TimeDistributed,
} from 'unshared'

interface Refusal {
  readonly name: string
  readonly code: string
  readonly accepted: boolean
  readonly value?: unknown
}

const { refusals }: { refusals: Refusal[] } = JSON.parse(readFileSync('tests/golden/fixtures/graphs.json', 'utf8'))
const page = readFileSync('docs/keras-compatibility.md', 'utf8')

/** Accepted here, refused by Keras: one value is as good as a list of one. */
const lenient = ['add_one_input']

const named = (name: string) => input({ shape: [3], name })
const dense = (units: number, name: string) => new Dense({ units, name })
const ones = (...shape: number[]) => Tensor.from(new Float32Array(shape.reduce((n, size) => n * size)).fill(1), shape)
const [x, y, z] = [ones(6, 3), ones(6, 1), ones(6, 3)]

function sum() {
  const [a, b] = [named('a'), named('b')]
  return new Model({ inputs: [a, b], outputs: new Add().apply([a, b]), name: 'm' })
}

/** A model of two outputs, p and q. */
function two() {
  const a = named('a')
  const h = dense(4, 'h').apply(a)
  return new Model({ inputs: a, outputs: [dense(1, 'p').apply(h), dense(3, 'q').apply(h)], name: 'm' })
}

/** Trains the model of two outputs. All arguments may be of any type. */
async function train(settings: object, targets: unknown = [y, z], options: object = {}) {
  const model = two()
  model.compile({ optimizer: 'sgd', loss: 'mse', ...settings } as never)
  return (await model.fit(x, targets as never, { verbose: 0, ...options })).history
}

/** For each refusal: the call, and the message or the value. */
const cases: Record<string, readonly [() => unknown, unknown]> = {
  disconnected: [
    () => new Model({ inputs: named('a'), outputs: new Add().apply([named('a'), named('b')]) }),
    'outputs: expected values that depend on the inputs alone (a), received "a value that depends on another a, which the layer add reads". Add it to the inputs',
  ],
  disconnected_behind_layers: [
    () => {
      const [a, b] = [named('a'), named('b')]
      const s = new Add({ name: 's' }).apply([dense(2, 'c').apply(a), dense(2, 'd').apply(b)])
      return new Model({ inputs: a, outputs: dense(1, 'e').apply(s) })
    },
    'outputs: expected values that depend on the inputs alone (a), received "a value that depends on b, which the layer d reads". Add it to the inputs',
  ],
  input_twice: [
    () => {
      const a = named('a')
      return new Model({ inputs: [a, a], outputs: new Add().apply([a, a]) })
    },
    'inputs: expected different tensors, received ["SymbolicTensor a [null, 3]", "SymbolicTensor a [null, 3]"]',
  ],
  inner_tensor_off_the_way_as_input: [
    () => {
      const a = named('a')
      return new Model({ inputs: dense(1, 'c').apply(a), outputs: dense(1, 'd').apply(a) })
    },
    'outputs: expected values that depend on the inputs alone (c), received "a value that depends on a, which the layer d reads". Add it to the inputs',
  ],
  layer_name_twice: [
    () => {
      const a = named('a')
      return new Model({ inputs: a, outputs: dense(1, 'u').apply(dense(1, 'u').apply(a)) })
    },
    'layer: expected a name unique in the model, received "u"',
  ],
  output_is_no_tensor: [
    () => new Model({ inputs: named('a'), outputs: 'x' as never }),
    'outputs: expected a symbolic tensor or a list of them: input({ shape }), layer.apply(x), received "x"',
  ],
  input_is_no_tensor: [
    () => new Model({ inputs: 'x' as never, outputs: dense(1, 'd').apply(named('a')) }),
    'inputs: expected a symbolic tensor or a list of them: input({ shape }), layer.apply(x), received "x"',
  ],
  unknown_argument: [
    () => {
      const a = named('a')
      return new Model({ inputs: a, outputs: dense(1, 'd').apply(a), foo: 1 } as never)
    },
    'Model, option: expected one of inputs, outputs, name, seed, engine, threads, memoryLimit, received "foo"',
  ],
  add_one_input: [() => new Add().apply(named('a')).shape, [null, 3]],
  add_list_of_one: [() => new Add().apply([named('a')]).shape, [null, 3]],
  add_sizes_differ: [
    () => new Add().apply([dense(2, 'c').apply(named('a')), dense(3, 'd').apply(named('b'))]),
    'inputs of add: expected samples of shapes that are equal, or 1 where they differ, received "[2] and [3]"',
  ],
  subtract_three: [
    () => new Subtract().apply([named('a'), named('b'), named('c')]),
    'inputs of subtract: expected 2, received 3',
  ],
  concatenate_other_sizes_differ: [
    () => new Concatenate({ axis: 1 }).apply([input({ shape: [2, 3] }), input({ shape: [2, 4] })]),
    'inputs of concatenate: expected samples of shapes that differ in axis 1 alone, received "[2, 3] and [2, 4]"',
  ],
  concatenate_ranks_differ: [
    () => new Concatenate().apply([input({ shape: [2, 3] }), named('b')]),
    'inputs of concatenate: expected samples of shapes that differ in axis -1 alone, received "[2, 3] and [3]"',
  ],
  concatenate_axis_out_of_range: [
    () => new Concatenate({ axis: 3 }).apply([input({ shape: [2, 3] }), input({ shape: [2, 3] })]),
    'axis of concatenate: expected axes from 1 to 2, or from -2 to -1 (axis 0 is the batch), received 3',
  ],
  concatenate_one: [() => new Concatenate().apply([named('a')]).shape, [null, 3]],
  concatenate_axis_0: [
    () => new Concatenate({ axis: 0 }).apply([named('a'), named('b')]).shape,
    'axis of concatenate: expected axes from 1 to 1, or from -1 to -1 (axis 0 is the batch), received 0',
  ],
  dot_three: [
    () => new Dot({ axes: 1 }).apply([named('a'), named('b'), named('c')]),
    'inputs of dot: expected 2, received 3',
  ],
  dot_sizes_differ: [
    () => new Dot({ axes: 1 }).apply([dense(2, 'c').apply(named('a')), dense(3, 'd').apply(named('b'))]),
    'inputs of dot: expected equal sizes of the axes, received "2 and 3 numbers"',
  ],
  dot_without_axes: [() => new Dot({} as never), 'axes: expected an integer, or a list of two, received undefined'],
  dot_axes_float: [() => new Dot({ axes: 1.5 }), 'axes: expected an integer, or a list of two, received 1.5'],
  dot_axes_three: [
    () => new Dot({ axes: [1, 2, 3] as never }),
    'axes: expected an integer, or a list of two, received [1, 2, 3]',
  ],
  dot_axes_out_of_range: [
    () => new Dot({ axes: 2 }).apply([named('a'), named('b')]),
    'axis of dot: expected axes from 1 to 1, or from -1 to -1 (axis 0 is the batch), received 2',
  ],
  time_distributed_2d_input: [
    () => new TimeDistributed({ layer: dense(2, 'd') }).apply(named('a')),
    'inputShape: expected [batch, steps, …]: at least three axes, received [null, 3]',
  ],
  time_distributed_no_layer: [
    () => new TimeDistributed({ layer: 'x' as never }),
    'layer: expected a layer or a model, received "x"',
  ],
  conv1d_transpose_output_padding_not_below_stride: [
    () => new Conv1DTranspose({ filters: 1, kernelSize: 3, strides: 2, outputPadding: 2 as never }),
    'outputPadding: expected null, received 2',
  ],
  dense_called_with_two_inputs: [
    () => dense(1, 'd').apply([named('a'), named('b')]),
    'inputs of d: expected 1, received 2',
  ],
  nested_model_called_with_too_few: [() => sum().apply(named('c')), 'inputs of m: expected 2, received 1'],
  nested_model_wrong_width: [
    () => {
      const a = named('a')
      const m = new Model({ inputs: a, outputs: dense(1, 'd').apply(a), name: 'm' })
      return m.apply(input({ shape: [4] }))
    },
    'inputShape: expected samples of shape [3], which the layer d was built for, received [null, 4]',
  ],
  shared_dense_at_another_width: [
    () => {
      const [a, wide] = [named('a'), input({ shape: [4] })]
      const layer = dense(2, 'd')
      return new Model({ inputs: [a, wide], outputs: [layer.apply(a), layer.apply(wide)] })
    },
    'inputShape: expected samples of shape [3], which the layer d was built for, received [null, 4]',
  ],
  sequential_with_two_outputs_inside: [
    () => new Sequential([two() as never, dense(1, 'd')]),
    'layer: expected a layer with one output, received "m"',
  ],
  loss_of_an_unknown_output: [() => train({ loss: { z: 'mse' } }), 'loss, name: expected one of p, q, received "z"'],
  loss_weight_of_an_unknown_output: [
    () => train({ lossWeights: { z: 1 } }),
    'lossWeights, name: expected one of p, q, received "z"',
  ],
  metric_of_an_unknown_output: [
    () => train({ metrics: { z: 'mae' } }),
    'metrics, name: expected one of p, q, received "z"',
  ],
  metrics_nested_too_few: [
    () => train({ metrics: [['mae']] }),
    'metrics: expected a list of 2, or an object with p, q, received [["mae"]]',
  ],
  metrics_nested_too_many: [
    () => train({ metrics: [['mae'], ['mae'], ['mae']] }),
    'metrics: expected a list of 2, or an object with p, q, received [["mae"], ["mae"], ["mae"]]',
  ],
  metrics_same_name_twice: [
    () => train({ metrics: { p: ['mae', 'mae'] } }),
    'metrics: expected unique names, received "p_mae"',
  ],
  losses_too_few: [
    () => train({ loss: ['mse'] }),
    'loss: expected a list of 2, or an object with p, q, received ["mse"]',
  ],
  losses_too_many: [
    () => train({ loss: ['mse', 'mse', 'mse'] }),
    'loss: expected a list of 2, or an object with p, q, received ["mse", "mse", "mse"]',
  ],
  loss_weights_too_few: [
    () => train({ lossWeights: [1] }),
    'lossWeights: expected a list of 2, or an object with p, q, received [1]',
  ],
  target_of_an_unknown_output: [() => train({}, { p: y, z }), 'y, name: expected one of p, q, received "z"'],
  target_missing_in_dict: [
    () => train({}, { p: y }),
    'y, output q: expected targets: the output has a loss, received null',
  ],
  one_target_for_two_outputs: [
    () => train({}, y),
    'y: expected a list of 2, or an object with p, q, received Tensor of shape [6, 1]',
  ],
  three_targets_for_two_outputs: [
    () => train({}, [y, z, z]),
    'y: expected a list of 2, or an object with p, q, received [Tensor of shape [6, 1], Tensor of shape [6, 3], Tensor of shape [6, 3]]',
  ],
  sample_weight_of_an_unknown_output: [
    () => train({}, [y, z], { sampleWeight: { z: ones(6) } }),
    'sampleWeight, name: expected one of p, q, received "z"',
  ],
  sample_weights_too_few: [
    () => train({}, [y, z], { sampleWeight: [ones(6)] }),
    'sampleWeight: expected a list of 2, or an object with p, q, received [Tensor of shape [6]]',
  ],
  class_weight_with_two_outputs: [
    () => train({}, [y, z], { classWeight: { 0: 1, 1: 2 } }),
    'classWeight: expected none: the model has several outputs, received {0: 1, 1: 2}',
  ],
  targets_of_other_length: [
    () => train({}, [y, ones(4, 3)]),
    'y, output q: expected 6 targets, one for each sample in x, received Tensor of shape [4, 3]',
  ],
  input_missing_in_dict: [
    () => sum().predict({ a: x }),
    'x, input b: expected a Tensor, nested arrays of numbers, a typed array, or an ndarray, received undefined',
  ],
  input_unknown_in_dict: [() => sum().predict({ a: x, b: x, z: x }), 'x, name: expected one of a, b, received "z"'],
  one_array_for_two_inputs: [
    () => sum().predict(x),
    'x: expected a list of 2, or an object with a, b, received Tensor of shape [6, 3]',
  ],
  three_arrays_for_two_inputs: [
    () => sum().predict([x, x, x]),
    'x: expected a list of 2, or an object with a, b, received [Tensor of shape [6, 3], Tensor of shape [6, 3], Tensor of shape [6, 3]]',
  ],
  inputs_of_different_lengths: [
    () => sum().predict([x, ones(4, 3)]),
    'x, input b: expected 6 samples, as in the first input, received Tensor of shape [4, 3]',
  ],
  second_input_of_wrong_width: [
    () => sum().predict([x, ones(6, 2)]),
    "x, input b: expected samples of the model's input shape [null, 3], received Tensor of shape [6, 2]",
  ],
  get_layer_unknown: [
    () => two().getLayer('zzz'),
    'nameOrIndex: expected one of a, h, p, q, or an index below 4, received "zzz"',
  ],
  pop_of_a_functional_model: [() => (two() as unknown as Sequential).pop(), 'two(...).pop is not a function'],
}

describe('refusals of graphs', () => {
  test('all are done here', () => {
    expect(Object.keys(cases)).toEqual(refusals.map(({ name }) => name))
  })

  test.each(refusals)('$name', async ({ name, accepted, value }) => {
    const [run, expected] = cases[name]
    let found: unknown
    try {
      found = await run()
    } catch (error) {
      expect((error as Error).message).toBe(expected)
      if (accepted) expect(page).toContain(`\`${name}\``)
      return
    }
    expect(found).toEqual(expected)
    expect(accepted).toBe(!lenient.includes(name))
    if (value !== undefined) expect(found).toEqual(value)
  })
})
