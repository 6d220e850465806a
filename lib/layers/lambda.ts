// Lambda: a function of the user's as a layer.

import { type BatchShape, inputBatches, type Shape } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { field } from '../core/options.ts'
import { Tensor } from '../core/tensor.ts'
import type { Call } from './call.ts'
import type { LayerOptions } from './layer.ts'
import { Merge } from './merge.ts'

/** A function of one or several batches, with its gradient. */
export interface LambdaFunction {
  /** Writes every number of `y.data`. */
  forward(y: Tensor, xs: readonly Tensor[]): void
  /** Writes every number of each of `dxs`, the gradients of the inputs `xs`, for the gradient `dy` of the output `y`. */
  backward(dxs: readonly Tensor[], dy: Tensor, xs: readonly Tensor[], y: Tensor): void
  /** The shape of one output sample for those of the inputs. Default: the shape of the first input. */
  outputShape?(...inputShapes: Shape[]): Shape
}

/** The options of Lambda. */
export interface LambdaOptions extends LayerOptions {
  /** Both directions, written by hand; `checkGradients` compares them. */
  readonly function: LambdaFunction
}

const lambda = {
  className: 'Lambda',
  fields: {
    function: {
      ...field((name, given) => {
        const { forward, backward } = Object(given) as Partial<LambdaFunction>
        if (typeof forward === 'function' && typeof backward === 'function') return given as LambdaFunction
        const hint = 'Gradients are written by hand. A file has no function: use customObjects'
        throw new ArgumentError(name, given, '{ forward, backward }', hint)
      }),
      isHidden: true,
    },
  },
}

/**
 * A function as a layer, of one input or several. Configs and files do not hold the function:
 * `loadModel(source, { customObjects: { Lambda: config => new Lambda({ ...config, function: … }) } })` loads one.
 *
 * ```ts
 * const difference = new Lambda({
 *   function: {
 *     forward: (y, [a, b]) => y.data.forEach((_, i) => { y.data[i] = a.data[i] - b.data[i] }),
 *     backward: ([da, db], dy) => dy.data.forEach((v, i) => { da.data[i] = v; db.data[i] = -v }),
 *   },
 * }).apply([left, right])
 * ```
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/Lambda
 */
export class Lambda extends Merge<void> {
  declare readonly className: 'Lambda'
  declare readonly function: LambdaFunction

  constructor(options: LambdaOptions) {
    super(options, lambda)
  }

  computeOutputShape(...inputShapes: BatchShape[]): BatchShape {
    const items = inputBatches(inputShapes).map(shape => shape.slice(1) as number[])
    return [inputShapes[0][0], ...(this.function.outputShape?.(...items) ?? items[0])]
  }

  forwardInto(y: Float32Array, _x: Float32Array, call: Call<void>): void {
    this.function.forward(tensorOf(call, call.outputShape, y), inputsOf(call))
  }

  backwardInto(_dx: Float32Array, dy: Float32Array, call: Call<void>): void {
    const dxs = call.inputs.map(({ shape }, i) => tensorOf(call, shape, call.inputGradients[i].array))
    const [y, gradient] = [call.y, dy].map(data => tensorOf(call, call.outputShape, data))
    this.function.backward(dxs, gradient, inputsOf(call), y)
  }
}

const tensorOf = ({ batch }: Call<void>, shape: Shape, data: Float32Array) => new Tensor([batch, ...shape], data)

const inputsOf = (call: Call<void>) => call.inputs.map(({ shape, y }) => tensorOf(call, shape, y))
