// What happens with wrong arguments: every case of errors.json that concerns this library, done again in TypeScript.
// The others, and why they are left out, stand in docs/keras-compatibility.md.

import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import {
  activate,
  activations,
  BatchNormalization,
  Constant,
  Conv2D,
  constraints,
  Dense,
  Dropout,
  Flatten,
  L2,
  LeakyReLU,
  LocallyConnected1D,
  LocallyConnected2D,
  losses,
  MaxPooling2D,
  metrics,
  Permute,
  ReLU,
  Reshape,
  regularizers,
  Sequential,
  SGD,
  schedules,
  Tensor,
  type TensorLike,
  VarianceScaling,
} from 'unshared'
import { loadModel, loadWeights, saveWeights } from 'unshared/keras'

interface Case {
  /** As in errors.json. */
  readonly name: string
  readonly run: () => unknown
  /** The message of the error: the argument, what was expected, what came. */
  readonly refused?: RegExp
  /** What comes out; where Keras says what it gives, that. */
  readonly accepted?: unknown
  /** Where the verdict differs from Keras' on purpose. */
  readonly differs?: true
}

const x = (...shape: number[]) => Tensor.zeros(shape)
const ones = (...shape: number[]) => new Tensor(shape, x(...shape).data.fill(1))

/** A layer with 2 filters and a 3 × 3 window, unless the options say otherwise. They may be of any type. */
const local = (options: object = {}) => new LocallyConnected2D({ filters: 2, kernelSize: 3, ...options } as never)
const local1D = (options: object = {}) => new LocallyConnected1D({ filters: 2, kernelSize: 3, ...options } as never)
const image = x(1, 5, 5, 1)
const built = (options: object = {}) => {
  const layer = local(options)
  layer.forward(image)
  return layer
}
const dense = (units = 1, options: object = {}) => new Dense({ units, inputShape: [2], ...options })
const model = (options: object = {}, layer = dense()) => {
  const sequential = new Sequential([layer], { seed: 1 })
  sequential.compile({ optimizer: 'sgd', loss: 'mse', ...options })
  return sequential
}
const classifier = (loss: string) => model({ loss }, dense(3, { activation: 'softmax' }))
const train = (sequential: Sequential, data: TensorLike, y: TensorLike, options: object = {}) =>
  sequential.fit(data, y, { verbose: 0, ...options })

const cases: readonly Case[] = [
  // ---- Implementation and padding
  {
    name: 'implementation_4_constructed',
    run: () => local({ implementation: 4 }),
    refused: /^implementation: expected one of 1, 2, 3, received 4$/,
    differs: true,
  },
  {
    name: 'implementation_4_built',
    run: () => built({ implementation: 4 }),
    refused: /^implementation: expected one of 1, 2, 3, received 4$/,
  },
  {
    name: 'implementation_0_built',
    run: () => built({ implementation: 0 }),
    refused: /^implementation: expected one of 1, 2, 3, received 0$/,
  },
  {
    name: 'implementation_string',
    run: () => built({ implementation: '2' }),
    refused: /^implementation: expected one of 1, 2, 3, received "2"$/,
  },
  {
    name: 'same_with_implementation_1',
    run: () => built({ padding: 'same' }).outputShape,
    accepted: [5, 5, 2],
    differs: true,
  },
  {
    name: 'same_uppercase_with_implementation_2',
    run: () => built({ padding: 'SAME', implementation: 2 }).outputShape,
    accepted: [5, 5, 2],
  },
  {
    name: 'padding_full',
    run: () => local({ padding: 'full' }),
    refused: /^padding: expected one of "valid", "same", received "full"$/,
  },
  {
    name: 'padding_causal_impl2',
    run: () => built({ padding: 'causal', implementation: 2 }),
    refused: /^padding: expected one of "valid", "same", received "causal"$/,
  },
  {
    name: 'padding_unknown',
    run: () => local({ padding: 'reflect', implementation: 2 }),
    refused: /^padding: expected one of "valid", "same", received "reflect"$/,
  },
  {
    name: 'data_format_unknown',
    run: () => local({ dataFormat: 'channels_middle' }),
    refused: /^dataFormat: expected "channels_last" or "channels_first", received "channels_middle"$/,
  },
  {
    name: 'data_format_uppercase',
    run: () => local({ dataFormat: 'CHANNELS_LAST' }).dataFormat,
    accepted: 'channels_last',
  },

  // ---- Filters
  {
    name: 'filters_0_impl1',
    run: () => built({ filters: 0 }),
    refused: /^filters: expected a positive integer, received 0$/,
    differs: true,
  },
  {
    name: 'filters_0_impl2',
    run: () => built({ filters: 0, implementation: 2 }),
    refused: /^filters: expected a positive integer, received 0$/,
    differs: true,
  },
  {
    name: 'filters_0_impl3',
    run: () => built({ filters: 0, implementation: 3 }),
    refused: /^filters: expected a positive integer, received 0$/,
  },
  {
    name: 'filters_negative',
    run: () => built({ filters: -2 }),
    refused: /^filters: expected a positive integer, received -2$/,
  },
  {
    name: 'filters_float',
    run: () => built({ filters: 2.5 }),
    refused: /^filters: expected a positive integer, received 2\.5$/,
  },
  {
    name: 'filters_string',
    run: () => built({ filters: '2' }),
    refused: /^filters: expected a positive integer, received "2"$/,
  },
  {
    name: 'filters_none',
    run: () => built({ filters: null }),
    refused: /^filters: expected a positive integer, received null$/,
  },
  {
    name: 'filters_missing',
    run: () => new LocallyConnected2D({} as never),
    refused: /^filters: expected a positive integer, received undefined$/,
  },

  // ---- Window and strides
  {
    name: 'kernel_size_missing',
    run: () => new LocallyConnected2D({ filters: 2 } as never),
    refused: /^kernelSize: expected an integer of at least 1, or two of them \[rows, columns\], received undefined$/,
  },
  {
    name: 'kernel_size_0',
    run: () => local({ kernelSize: 0 }),
    refused: /^kernelSize: expected an integer of at least 1, .*, received 0$/,
  },
  {
    name: 'kernel_size_negative',
    run: () => local({ kernelSize: [3, -1] }),
    refused: /^kernelSize: expected an integer of at least 1, .*, received \[3, -1\]$/,
  },
  {
    name: 'kernel_size_three_values',
    run: () => local({ kernelSize: [3, 3, 3] }),
    refused: /^kernelSize: expected .* two of them \[rows, columns\], received \[3, 3, 3\]$/,
  },
  {
    name: 'kernel_size_float',
    run: () => local({ kernelSize: 2.5 }),
    refused: /^kernelSize: expected an integer .*, received 2\.5$/,
  },
  {
    name: 'kernel_size_float_tuple',
    run: () => local({ kernelSize: [2.5, 2] }),
    refused: /^kernelSize: expected an integer .*, received \[2\.5, 2\]$/,
    differs: true,
  },
  {
    name: 'kernel_size_float_tuple_built',
    run: () => built({ kernelSize: [2.5, 2] }),
    refused: /^kernelSize: expected an integer .*, received \[2\.5, 2\]$/,
  },
  {
    name: 'kernel_size_string',
    run: () => local({ kernelSize: '33' }),
    refused: /^kernelSize: expected an integer .*, received "33"$/,
  },
  {
    name: 'kernel_size_letters',
    run: () => local({ kernelSize: 'ab' }),
    refused: /^kernelSize: expected an integer .*, received "ab"$/,
  },
  {
    name: 'kernel_size_none',
    run: () => local({ kernelSize: null }),
    refused: /^kernelSize: expected an integer .*, received null$/,
  },
  {
    name: 'kernel_larger_than_input_impl1',
    run: () => built({ kernelSize: [6, 3] }),
    refused: /^kernelSize: expected at most the input's 5 x 5 with padding 'valid', received \[6, 3\]$/,
  },
  {
    name: 'kernel_larger_than_input_impl2',
    run: () => built({ kernelSize: [3, 6], implementation: 2 }),
    refused: /^kernelSize: expected at most the input's 5 x 5 with padding 'valid', received \[3, 6\]$/,
  },
  {
    name: 'kernel_larger_than_input_impl3',
    run: () => built({ kernelSize: 6, implementation: 3 }),
    refused: /^kernelSize: expected at most the input's 5 x 5 with padding 'valid', received \[6, 6\]$/,
  },
  {
    name: 'kernel_larger_than_input_same',
    run: () => local({ kernelSize: 9, implementation: 2, padding: 'same' }).forward(image).shape,
    accepted: [1, 5, 5, 2],
  },
  {
    name: 'kernel_larger_than_input_1d',
    run: () => local1D({ kernelSize: 10 }).forward(x(1, 5, 2)),
    refused: /^kernelSize: expected at most the input's 5 steps with padding 'valid', received \[10\]$/,
  },
  {
    name: 'strides_0_constructed',
    run: () => local({ strides: 0 }),
    refused: /^strides: expected an integer of at least 1, .*, received 0$/,
    differs: true,
  },
  {
    name: 'strides_0_built',
    run: () => built({ strides: 0 }),
    refused: /^strides: expected an integer of at least 1, .*, received 0$/,
  },
  {
    name: 'strides_0_one_axis_built',
    run: () => built({ strides: [1, 0] }),
    refused: /^strides: expected an integer of at least 1, .*, received \[1, 0\]$/,
  },
  {
    name: 'strides_negative',
    run: () => local({ strides: -1 }),
    refused: /^strides: expected an integer of at least 1, .*, received -1$/,
  },
  {
    name: 'strides_three_values',
    run: () => local({ strides: [1, 1, 1] }),
    refused: /^strides: expected .* two of them \[rows, columns\], received \[1, 1, 1\]$/,
  },

  // ---- Names and other identifiers
  {
    name: 'activation_unknown',
    run: () => local({ activation: 'foo' }),
    refused: /^activation: expected one of .*relu.*, received "foo"$/,
  },
  {
    name: 'activation_number',
    run: () => local({ activation: 3 }),
    refused: /^activation: expected a name, .*, received 3$/,
  },
  {
    name: 'initializer_unknown',
    run: () => local({ kernelInitializer: 'foo' }),
    refused: /^kernelInitializer: expected one of .*glorot_uniform.*, received "foo"$/,
  },
  {
    name: 'regularizer_unknown',
    run: () => local({ kernelRegularizer: 'foo' }),
    refused: /^kernelRegularizer: expected one of .*l2.*, received "foo"$/,
    differs: true,
  },
  {
    name: 'regularizer_unknown_used',
    run: () => built({ kernelRegularizer: 'foo' }),
    refused: /^kernelRegularizer: expected one of .*l2.*, received "foo"$/,
  },
  {
    name: 'regularizer_number',
    run: () => local({ kernelRegularizer: 0.1 }),
    refused: /^kernelRegularizer: expected a name, .*, received 0\.1$/,
  },
  {
    name: 'constraint_unknown',
    run: () => local({ kernelConstraint: 'foo' }),
    refused: /^kernelConstraint: expected one of .*max_norm.*, received "foo"$/,
  },
  {
    name: 'unknown_keyword',
    run: () => local({ dilationRate: 2 }),
    refused: /^LocallyConnected2D, option: expected one of .*strides.*, received "dilationRate"$/,
  },

  // ---- Initializers
  {
    name: 'orthogonal_on_3d_kernel',
    run: () => local({ kernelInitializer: 'orthogonal' }).forward(image).shape,
    accepted: [1, 3, 3, 2],
  },
  {
    name: 'orthogonal_on_1d_kernel_impl3',
    run: () => built({ kernelInitializer: 'orthogonal', implementation: 3 }),
    refused: /^shape: expected .*two .*, received \[162\]/,
  },
  {
    name: 'identity_on_3d_kernel',
    run: () => built({ kernelInitializer: 'identity' }),
    refused: /^shape: expected two axes: Identity makes matrices, received \[9, 9, 2\]/,
  },
  {
    name: 'constant_initializer_wrong_shape',
    run: () => built({ biasInitializer: new Constant({ value: [1, 2, 3] }) }),
    refused: /^value: expected one number, or the weight's shape \[3, 3, 2\], received .*\[3\]$/,
  },
  {
    name: 'variance_scaling_scale_0',
    run: () => new VarianceScaling({ scale: 0 }),
    refused: /^scale: expected a positive number, received 0$/,
  },
  {
    name: 'variance_scaling_mode_unknown',
    run: () => new VarianceScaling({ mode: 'fan' as never }),
    refused: /^mode: expected one of .*"fan_avg".*, received "fan"$/,
  },
  {
    name: 'variance_scaling_distribution_unknown',
    run: () => new VarianceScaling({ distribution: 'foo' as never }),
    refused: /^distribution: expected one of .*"truncated_normal".*, received "foo"$/,
  },
  {
    name: 'variance_scaling_distribution_normal',
    run: () => new VarianceScaling({ distribution: 'normal' as never }).getConfig().distribution,
    accepted: 'truncated_normal',
  },

  // ---- Regularizers and constraints
  {
    name: 'l2_negative_factor',
    run: () => new L2({ l2: -0.1 }),
    refused: /^l2: expected a finite number of at least 0, received -0\.1$/,
    differs: true,
  },
  {
    name: 'l2_nan_factor',
    run: () => new L2({ l2: Number.NaN }),
    refused: /^l2: expected a finite number.*, received NaN$/,
  },
  {
    name: 'l2_string_factor',
    run: () => new L2({ l2: 'a' as never }),
    refused: /^l2: expected a finite number.*, received "a"$/,
  },
  {
    name: 'orthogonal_regularizer_3d',
    run: () => regularizers.get('orthogonal_regularizer').penalty(ones(2, 2, 2).data, 8, [2, 2, 2]),
    refused: /: expected .*two axes.*, received \[2, 2, 2\]/,
  },
  {
    name: 'radial_constraint_3d',
    run: () => constraints.get('radial_constraint').apply(ones(2, 2, 2).data, [2, 2, 2]),
    refused: /: expected .*four axes.*, received \[2, 2, 2\]/,
  },
  {
    name: 'radial_constraint_1x1',
    run: () => constraints.get('radial_constraint').apply(ones(1, 1, 2, 2).data, [1, 1, 2, 2]),
    refused: /: expected .*, received \[1, 1, 2, 2\]/,
  },
  {
    name: 'radial_constraint_on_lc_kernel',
    run: () => {
      const layers = [
        local({ inputShape: [5, 5, 1], kernelConstraint: 'radial_constraint' }),
        new Flatten(),
        new Dense({ units: 1 }),
      ]
      const sequential = new Sequential(layers)
      sequential.compile({ optimizer: 'sgd', loss: 'mse' })
      return sequential.trainOnBatch(x(2, 5, 5, 1), x(2, 1))
    },
    refused: /: expected .*four axes.*, received \[9, 9, 2\]/,
  },

  // ---- Inputs
  {
    name: 'input_3d',
    run: () => local().forward(x(5, 5, 1)),
    refused:
      /^inputShape: expected \[batch, rows, columns, channels\], all but the batch known and positive, received \[null, 5, 1\]$/,
  },
  {
    name: 'input_5d',
    run: () => local().forward(x(1, 1, 5, 5, 1)),
    refused:
      /^inputShape: expected \[batch, rows, columns, channels\], all but the batch known and positive, received \[null, 1, 5, 5, 1\]$/,
  },
  {
    name: 'input_shape_without_channels',
    run: () => new Sequential([local({ inputShape: [5, 5] })]),
    refused:
      /^inputShape: expected \[batch, rows, columns, channels\], all but the batch known and positive, received \[null, 5, 5\]$/,
  },
  {
    name: 'wrong_channels_second_call',
    run: () => built().forward(x(1, 5, 5, 2)),
    refused: /^x: expected samples of shape \[5, 5, 1\], .*, received \[null, 5, 5, 2\]$/,
  },
  {
    name: 'wrong_height_second_call_impl1',
    run: () => built().forward(x(1, 6, 5, 1)),
    refused: /^x: expected samples of shape \[5, 5, 1\], .*, received \[null, 6, 5, 1\]$/,
    differs: true,
  },
  {
    name: 'larger_input_second_call_impl1_ignored_rows',
    run: () => built().forward(x(1, 9, 9, 1)),
    refused: /^x: expected samples of shape \[5, 5, 1\], .*, received \[null, 9, 9, 1\]$/,
    differs: true,
  },
  {
    name: 'smaller_input_second_call_impl1',
    run: () => built().forward(x(1, 4, 5, 1)),
    refused: /^x: expected samples of shape \[5, 5, 1\], .*, received \[null, 4, 5, 1\]$/,
  },
  {
    name: 'wrong_height_second_call_impl2',
    run: () => built({ implementation: 2 }).forward(x(1, 6, 5, 1)),
    refused: /^x: expected samples of shape \[5, 5, 1\], .*, received \[null, 6, 5, 1\]$/,
  },
  {
    name: 'wrong_height_second_call_impl3',
    run: () => built({ implementation: 3 }).forward(x(1, 6, 5, 1)),
    refused: /^x: expected samples of shape \[5, 5, 1\], .*, received \[null, 6, 5, 1\]$/,
  },
  {
    name: 'undefined_spatial_dims',
    run: () => local().build([null, null, 5, 1]),
    refused: /^inputShape: expected .*, received \[null, null, 5, 1\]$/,
  },
  {
    name: 'undefined_channels',
    run: () => local().build([null, 5, 5, null]),
    refused: /^inputShape: expected .*, received \[null, 5, 5, null\]$/,
  },
  {
    name: 'input_2d_for_1d_layer',
    run: () => local1D().forward(x(5, 1)),
    refused: /^inputShape: expected \[batch, steps, channels\], .*, received \[null, 1\]/,
  },
  {
    name: 'undefined_length_1d',
    run: () => local1D().build([null, null, 2]),
    refused: /^inputShape: expected .*, received \[null, null, 2\]$/,
  },
  {
    name: 'undefined_channels_1d',
    run: () => local1D().build([null, 5, null]),
    refused: /^inputShape: expected .*, received \[null, 5, null\]$/,
  },
  {
    name: 'integer_input',
    run: () => {
      const integers = { data: new Int32Array(25).fill(1), shape: [1, 5, 5, 1], stride: [25, 5, 1, 1], offset: 0 }
      return local().forward(integers).shape
    },
    accepted: [1, 3, 3, 2],
    differs: true,
  },
  {
    name: 'float64_input',
    run: () => {
      const doubles = { data: new Float64Array(25), shape: [1, 5, 5, 1], stride: [25, 5, 1, 1], offset: 0 }
      return typeOf(local().forward(doubles))
    },
    accepted: 'float32',
  },
  { name: 'numpy_float64_input', run: () => typeOf(local().forward(ones(1, 5, 5, 1).toArray())), accepted: 'float32' },
  { name: 'batch_0_impl1', run: () => local().forward(x(0, 5, 5, 1)).shape, accepted: [0, 3, 3, 2] },
  {
    name: 'batch_0_impl2',
    run: () => local({ implementation: 2 }).forward(x(0, 5, 5, 1)).shape,
    accepted: [0, 3, 3, 2],
  },
  {
    name: 'batch_0_impl3',
    run: () => local({ implementation: 3 }).forward(x(0, 5, 5, 1)).shape,
    accepted: [0, 3, 3, 2],
  },
  {
    name: 'softmax_of_1d',
    run: () => activate(activations.get('softmax'), ones(3)),
    refused: /^x: expected at least two axes for softmax: a batch of rows, received \[3\]$/,
  },
  { name: 'flatten_scalar_batch', run: () => new Flatten().forward(x(3)).shape, accepted: [3, 1] },

  // ---- Weights
  {
    name: 'set_weights_too_few',
    run: () => built().setWeights([x(9, 9, 2)]),
    refused:
      /^weights: expected a list of the 2 weights of the layer .* \(kernel, bias\), received \[Tensor of shape \[9, 9, 2\]\]$/,
  },
  {
    name: 'set_weights_wrong_shape',
    run: () => built().setWeights([x(9, 9, 3), x(3, 3, 2)]),
    refused: /^weights\[0\]: expected the shape \[9, 9, 2\] of kernel .*, received Tensor of shape \[9, 9, 3\]$/,
  },
  {
    name: 'set_weights_before_build',
    run: () => local().setWeights([x(9, 9, 2), x(3, 3, 2)]),
    refused: /is not built yet: call build\(inputShape\) or forward\(x\) first$/,
  },
  {
    name: 'set_weights_impl2_kernel_into_impl1',
    run: () => built().setWeights(built({ implementation: 2 }).getWeights()),
    refused:
      /^weights\[0\]: expected the shape \[9, 9, 2\] of kernel .*, received Tensor of shape \[5, 5, 1, 3, 3, 2\]$/,
  },
  {
    name: 'count_params_before_build',
    run: () => local().countParams(),
    refused: /is not built yet: call build\(inputShape\) or forward\(x\) first$/,
  },
  { name: 'get_weights_before_build', run: () => local().getWeights().length, accepted: 0 },
  {
    name: 'model_set_weights_too_many',
    run: () => new Sequential([dense()]).setWeights([x(2, 1), x(1), x(1)]),
    refused:
      /^weights: expected a list of the 2 weights of the model sequential \(kernel, bias\), received \[Tensor of shape \[2, 1\], Tensor .*\]$/,
  },
  {
    name: 'weights_before_build',
    run: () => new Sequential([new Dense({ units: 1 })]).getWeights(),
    refused: /^getWeights: the model sequential is not built yet; call model\.build/,
  },

  // ---- Sequential
  {
    name: 'summary_before_build',
    run: () => new Sequential([new Dense({ units: 1 })]).summary(),
    refused: /^summary: the model sequential is not built yet; call model\.build/,
  },
  {
    name: 'predict_before_build',
    run: async () => (await new Sequential([new Dense({ units: 1 })]).predict(x(3, 2))).shape,
    accepted: [3, 1],
  },
  {
    name: 'sequential_add_non_layer',
    run: () => new Sequential().add('foo' as never),
    refused: /^layer: expected a layer, received "foo"$/,
  },
  {
    name: 'sequential_duplicate_names',
    run: () => new Sequential([dense(1, { name: 'a' }), new Dense({ units: 1, name: 'a' })]),
    refused: /^layer: expected a name unique in the model, received "a"$/,
  },
  { name: 'sequential_pop_empty', run: () => new Sequential().pop(), refused: /^pop: the model has no layers$/ },
  {
    name: 'from_config_unknown_layer',
    run: () => Sequential.fromConfig({ name: 's', layers: [{ className: 'Foo', config: {} }] }),
    refused: /^layer: expected one of .*Dense.*, received "Foo"$/,
  },

  // ---- compile and fit
  {
    name: 'fit_before_compile',
    run: () => train(new Sequential([dense()]), x(2, 2), x(2, 1)),
    refused: /^fit: call compile first/,
  },
  {
    name: 'compile_unknown_loss',
    run: () => model({ loss: 'foo' }),
    refused: /^loss: expected one of .*mean_squared_error.*, received "foo"$/,
  },
  {
    name: 'compile_unknown_optimizer',
    run: () => model({ optimizer: 'foo' }),
    refused: /^optimizer: expected one of .*sgd.*, received "foo"$/,
  },
  {
    name: 'compile_unknown_metric',
    run: () => train(model({ metrics: ['foo'] }), x(2, 2), x(2, 1)),
    refused: /^metrics: expected one of .*accuracy.*, received "foo"$/,
  },
  {
    name: 'fit_without_loss',
    run: () => train(model({ loss: undefined }), x(2, 2), x(2, 1)),
    refused: /^no loss: pass one to compile, for example loss: "mean_squared_error"$/,
  },
  {
    name: 'fit_wrong_input_shape',
    run: () => train(model(), x(2, 3), x(2, 1)),
    refused: /^x: expected samples of the model's input shape \[null, 2\], received Tensor of shape \[2, 3\]$/,
  },
  {
    name: 'fit_different_lengths',
    run: () => train(model(), x(3, 2), x(2, 1)),
    refused: /^y: expected 3 targets, one for each sample in x, received Tensor of shape \[2, 1\]$/,
  },
  {
    name: 'fit_empty',
    run: () => train(model(), x(0, 2), x(0, 1)),
    refused: /^x: expected at least one sample, received Tensor of shape \[0, 2\]$/,
  },
  {
    name: 'fit_target_wrong_classes',
    run: () => train(classifier('categorical_crossentropy'), x(2, 2), x(2, 4)),
    refused: /^y: expected targets of the output's shape \[2, 3\] .*, received Tensor of shape \[2, 4\]$/,
  },
  {
    name: 'fit_mse_broadcast_target',
    run: () => train(model({}, dense(3)), x(2, 2), x(2, 1)),
    refused: /^y: expected targets of the output's shape \[2, 3\] .*, received Tensor of shape \[2, 1\]$/,
    differs: true,
  },
  {
    name: 'fit_mse_target_1d_output_column',
    run: async () => {
      const sequential = model({}, dense(1, { kernelInitializer: 'ones' }))
      return (await sequential.evaluate(ones(2, 2), [1, 3], { verbose: 0 })).loss
    },
    accepted: 1,
  },
  {
    name: 'fit_sparse_label_out_of_range',
    run: () => train(classifier('sparse_categorical_crossentropy'), x(2, 2), [0, 3]),
    refused: /^y\[1\]: expected a class number from 0 to 2, received 3$/,
  },
  {
    name: 'fit_sample_weight_wrong_length',
    run: () => train(model(), x(3, 2), x(3, 1), { sampleWeight: ones(2) }),
    refused: /^sampleWeight: expected the shape \[3\], one per sample, received Tensor of shape \[2\]$/,
  },
  {
    name: 'fit_class_weight_missing_class',
    run: () => train(classifier('sparse_categorical_crossentropy'), x(2, 2), [0, 2], { classWeight: { 0: 1, 1: 2 } }),
    refused: /^classWeight: expected a number for every class, including 2, received \{0: 1, 1: 2\}$/,
  },
  {
    name: 'fit_validation_split_1',
    run: () => train(model(), x(3, 2), x(3, 1), { validationSplit: 1 }),
    refused:
      /^validationSplit: expected a fraction .*, received 1\. The data have 3 samples; use another fraction or validationData$/,
  },
  {
    name: 'fit_validation_split_too_small',
    run: () => train(model(), x(1, 2), x(1, 1), { validationSplit: 0.5 }),
    refused:
      /^validationSplit: expected a fraction .*, received 0\.5\. The data have 1 sample; use another fraction or validationData$/,
  },
  {
    name: 'fit_batch_size_0',
    run: () => train(model(), x(3, 2), x(3, 1), { batchSize: 0 }),
    refused: /^batchSize: expected a positive integer, received 0$/,
  },

  // ---- Dense and Dropout
  {
    name: 'dense_units_0',
    run: () => new Dense({ units: 0 }),
    refused: /^units: expected a positive integer, received 0$/,
    differs: true,
  },
  {
    name: 'dense_units_negative',
    run: () => new Dense({ units: -1 }),
    refused: /^units: expected a positive integer, received -1$/,
  },
  {
    name: 'dense_units_float',
    run: () => new Dense({ units: 2.7 }),
    refused: /^units: expected a positive integer, received 2\.7$/,
    differs: true,
  },
  {
    name: 'dense_wrong_last_dim',
    run: () => {
      const layer = new Dense({ units: 1 })
      layer.forward(x(1, 2))
      return layer.forward(x(1, 3))
    },
    refused: /^x: expected samples of shape \[2\], which the layer dense was built for, received \[null, 3\]$/,
  },
  {
    name: 'dropout_rate_1',
    run: () => new Dropout({ rate: 1 }).forward(x(1, 2), { training: true }),
    refused: /^rate: expected a number less than 1, received 1$/,
  },
  {
    name: 'dropout_rate_above_1',
    run: () => new Dropout({ rate: 1.5 }),
    refused: /^rate: expected a number from 0 to 1, received 1\.5$/,
  },
  {
    name: 'dropout_rate_negative',
    run: () => new Dropout({ rate: -0.1 }),
    refused: /^rate: expected a number from 0 to 1, received -0\.1$/,
  },

  // ---- Convolutions, pooling and other layers
  {
    name: 'conv2d_strides_0',
    run: () => new Conv2D({ filters: 2, kernelSize: 3, strides: 0 }),
    refused: /^strides: expected an integer of at least 1, .*, received 0$/,
  },
  {
    name: 'conv2d_filters_0',
    run: () => new Conv2D({ filters: 0, kernelSize: 3 }),
    refused: /^filters: expected a positive integer, received 0$/,
  },
  {
    name: 'conv2d_kernel_larger_than_input',
    run: () => new Conv2D({ filters: 1, kernelSize: 6 }).forward(image),
    refused: /^kernelSize: expected at most the input's 5 x 5 with padding 'valid', received \[6, 6\]$/,
    differs: true,
  },
  {
    name: 'conv2d_strides_and_dilation',
    run: () => new Conv2D({ filters: 1, kernelSize: 2, strides: 2, dilationRate: 2 }),
    refused: /^strides: expected 1 where dilationRate is more than 1, received 2\. Keras allows only one of them$/,
  },
  {
    name: 'maxpool_larger_than_input',
    run: () => new MaxPooling2D({ poolSize: 6 }).forward(image),
    refused: /^poolSize: expected at most the input's 5 x 5 with padding 'valid', received \[6, 6\]$/,
    differs: true,
  },
  {
    name: 'maxpool_larger_than_input_in_model',
    run: () => new Sequential([new MaxPooling2D({ poolSize: 6, inputShape: [5, 5, 1] })]),
    refused: /^poolSize: expected at most the input's 5 x 5 with padding 'valid', received \[6, 6\]$/,
  },
  {
    name: 'reshape_wrong_size',
    run: () => new Reshape({ targetShape: [3, 4] }).forward(x(1, 11)),
    refused: /^targetShape: expected .*11.*, received \[3, 4\]/,
  },
  {
    name: 'reshape_two_unknown',
    run: () => new Reshape({ targetShape: [-1, -1] }).forward(x(1, 12)),
    refused: /^targetShape: expected .*, received \[-1, -1\]/,
  },
  { name: 'permute_wrong', run: () => new Permute({ dims: [1, 3] }), refused: /^dims: expected .*, received \[1, 3\]/ },
  {
    name: 'permute_zero_based',
    run: () => new Permute({ dims: [0, 1] }),
    refused: /^dims: expected .*, received \[0, 1\]/,
  },
  {
    name: 'leaky_relu_none',
    run: () => new LeakyReLU({ alpha: null as never }),
    refused: /^alpha: expected a finite number.*, received null$/,
  },
  {
    name: 'relu_negative_max',
    run: () => new ReLU({ maxValue: -1 }),
    refused: /^maxValue: expected .* at least 0.*, received -1$/,
  },
  {
    name: 'batchnorm_axis_out_of_range',
    run: () => new BatchNormalization({ axis: 4 }).forward(x(1, 2, 2, 1)),
    refused: /^axis of batch_normalization: expected axes from 1 to 3, .*, received 4$/,
  },

  // ---- Optimizers
  {
    name: 'sgd_momentum_above_1',
    run: () => new SGD({ momentum: 1.5 }),
    refused: /^momentum: expected a number from 0 to 1, received 1\.5$/,
  },
  {
    name: 'sgd_negative_learning_rate',
    run: () => new SGD({ learningRate: -0.1 }),
    refused: /^learningRate: expected .*at least 0.*, received -0\.1/,
    differs: true,
  },
  {
    name: 'sgd_unknown_keyword',
    run: () => new SGD({ foo: 1 } as never),
    refused: /^SGD, option: expected one of .*learningRate.*, received "foo"$/,
  },
  {
    name: 'sgd_decay_keyword',
    run: () => new SGD({ decay: 0.1 } as never),
    refused: /^SGD, option: expected learningRate: new InverseTimeDecay\(.*, received "decay"$/,
  },
  {
    name: 'sgd_lr_keyword',
    run: () => new SGD({ lr: 0.3 } as never),
    refused: /^SGD, option: expected learningRate, received "lr"$/,
    differs: true,
  },
  {
    name: 'clipnorm_and_global_clipnorm',
    run: () => new SGD({ clipnorm: 1, globalClipnorm: 1 }),
    refused: /^(clipnorm|globalClipnorm).*: expected .*, received /,
  },
  {
    name: 'piecewise_wrong_lengths',
    run: () => {
      const config = { boundaries: [1, 2], values: [0.1, 0.2] }
      return schedules.get({ className: 'PiecewiseConstantDecay', config })
    },
    refused: /^(values|boundaries).*: expected .*, received /,
  },

  // ---- Losses and metrics
  {
    name: 'topk_k_larger_than_classes',
    run: () => {
      const identity = [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ]
      const metric = metrics.get({ className: 'TopKCategoricalAccuracy', config: { k: 5 } })
      metric.updateState(identity, identity)
      return metric.result()
    },
    accepted: 1,
  },
  {
    name: 'mse_shapes_differ',
    run: () => losses.get('mean_squared_error').compute(ones(2, 3), ones(2, 4)),
    refused: /^y: expected targets of the output's shape \[2, 4\] .*, received Tensor of shape \[2, 3\]$/,
  },
  {
    name: 'categorical_crossentropy_shapes_differ',
    run: () => losses.get('categorical_crossentropy').compute(ones(2, 3), ones(2, 4)),
    refused: /^y: expected targets of the output's shape \[2, 4\] .*, received Tensor of shape \[2, 3\]$/,
  },

  // ---- Files
  {
    name: 'load_missing_file_h5',
    run: () => loadModel('/nonexistent/model.h5'),
    refused: /^source: expected a readable file, received "ENOENT: .*: .*nonexistent.model\.h5"$/,
  },
  {
    name: 'load_missing_file_keras',
    run: () => loadModel('/nonexistent/model.keras'),
    refused: /^source: expected a readable file, received "ENOENT: .*: .*nonexistent.model\.keras"$/,
  },
  {
    name: 'load_weights_wrong_architecture',
    run: async () => loadWeights(model({}, dense(2)), await saveWeights(model({}, dense(1)), { format: 'h5' })),
    refused: /^shape of dense\/kernel:0: expected \[2, 2\], the shape of kernel of the layer dense, received \[2, 1\]$/,
  },
]

const typeOf = ({ data }: Tensor) => (data instanceof Float32Array ? 'float32' : data)

interface GoldenError {
  readonly name: string
  readonly accepted: boolean
  readonly value?: unknown
}

const golden: GoldenError[] = JSON.parse(readFileSync('tests/golden/fixtures/errors.json', 'utf8')).cases

test.each(cases)('$name', async ({ name, run, refused, accepted, differs = false }) => {
  const keras = golden.find(c => c.name === name) as GoldenError
  expect(keras.accepted === !refused).toBe(!differs)
  let found: unknown
  try {
    found = await run()
  } catch (error) {
    const { name: kind, message } = error as Error
    expect(message).toMatch(refused ?? /^is accepted$/)
    expect(['ArgumentError', 'StateError']).toContain(kind)
    return
  }
  expect(found).toEqual(refused ? 'an error' : accepted)
  if (keras.accepted && 'value' in keras) expect(found).toEqual(keras.value)
})
