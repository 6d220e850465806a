// What LocallyConnected3D and TiledLocallyConnected2D share: windows that stay inside the input, and a grid of kernels.

import { type BatchShape, boundedSize, inputBatch, type Shape, sizeOf, stridesOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { DataFormat } from '../core/geometry.ts'
import { field, only, positive } from '../core/options.ts'
import { type LocalWindows, localWindows } from '../kernels/local-windows.ts'
import { type LocalGradients, noGradients } from '../kernels/local2d-loop.ts'
import type { Call } from '../layers/call.ts'
import { KernelBiasLayer, type KernelBiasOptions, kernelBiasFields } from '../layers/kernel-bias.ts'
import { offsetsOf } from '../layers/rearrangement.ts'
import { type DataFormatOption, dataFormat } from '../layers/window-options.ts'

export interface LocalWindowsOptions extends KernelBiasOptions {
  /** The number of output channels. */
  readonly filters: number
  /** Only 'valid': windows stay inside the input. */
  readonly padding?: 'valid'
  /** Default: `image_data_format` of Keras' configuration file (in Node), else 'channels_last'. */
  readonly dataFormat?: DataFormatOption
}

/** @param sizes checks one number, or one for each axis */
export const localWindowsFields = (sizes: (name: string, value: unknown) => readonly number[]) => ({
  filters: positive(),
  kernelSize: field(sizes),
  strides: field(sizes, 1),
  padding: only('valid', "'valid'", 'Add a padding layer before'),
  dataFormat,
  ...kernelBiasFields,
})

interface Windows {
  readonly windows: LocalWindows
  readonly gradients: LocalGradients
}

export abstract class LocalWindowsLayer<N extends readonly number[]> extends KernelBiasLayer<Windows> {
  declare readonly filters: number
  declare readonly kernelSize: N
  declare readonly strides: N
  declare readonly padding: 'valid'
  declare readonly dataFormat: DataFormat

  /** The axes along which the windows move. */
  protected abstract readonly axes: readonly string[]

  /** How many kernels there are along each axis: place i uses kernel i mod the number along the axis. */
  protected abstract kernelGrid(places: Shape): number[]

  get #isFirst(): boolean {
    return this.dataFormat === 'channels_first'
  }

  /** @throws ArgumentError when a size is open or the window is larger than the input */
  #sizesOf(inputShape: BatchShape) {
    const { axes, kernelSize, strides } = this
    const names = this.#isFirst ? ['batch', 'channels', ...axes] : ['batch', ...axes, 'channels']
    const item = inputBatch(inputShape).slice(1)
    if (item.length !== axes.length + 1 || !item.every(n => n !== null && n > 0)) {
      const hint = 'Places have weights of their own, so the size must be known'
      const expected = `[${names.join(', ')}], all but the batch known and positive`
      throw new ArgumentError('inputShape', inputShape, expected, hint)
    }
    const sizes = item as number[]
    const channels = this.#isFirst ? sizes[0] : sizes[axes.length]
    const input = this.#isFirst ? sizes.slice(1) : sizes.slice(0, -1)
    if (kernelSize.some((k, axis) => k > input[axis]))
      throw new ArgumentError('kernelSize', kernelSize, `at most the input's ${input.join(' x ')}`)
    const places = input.map((n, axis) => Math.floor((n - kernelSize[axis]) / strides[axis]) + 1)
    return { sizes, channels, places, grid: this.kernelGrid(places) }
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    const { places } = this.#sizesOf(inputShape)
    return this.#isFirst ? [inputShape[0], this.filters, ...places] : [inputShape[0], ...places, this.filters]
  }

  override weightsFor(inputShape: Shape) {
    const { channels, grid } = this.#sizesOf([null, ...inputShape])
    const { filters, kernelSize } = this
    const size = boundedSize('kernelSize', [...kernelSize, channels])
    const patch = [...kernelSize, channels, filters]
    return {
      kernel: { ...this.weightSpec('kernel', [sizeOf(grid), size, filters]), patch },
      bias: this.biasSpec([...grid, filters]),
    }
  }

  /** The number of kernels along each axis. @internal */
  gridOf(inputShape: Shape): readonly number[] {
    return this.#sizesOf([null, ...inputShape]).grid
  }

  override macsFor(inputShape: Shape): number {
    const { channels, places } = this.#sizesOf([null, ...inputShape])
    return sizeOf(places) * sizeOf(this.kernelSize) * channels * this.filters
  }

  /** Which inputs, weights and outputs belong together; patches are in the input's memory order. */
  protected windowsFor(inputShape: Shape): LocalWindows {
    const { sizes, channels, places, grid } = this.#sizesOf([null, ...inputShape])
    const isFirst = this.#isFirst
    const memory = stridesOf(sizes)
    const along = isFirst ? memory.slice(1) : memory.slice(0, -1)
    const window = isFirst ? [channels, ...this.kernelSize] : [...this.kernelSize, channels]
    const [P, F, kernels] = [sizeOf(places), this.filters, sizeOf(grid)]
    const gridStrides = stridesOf(grid)
    const placeStrides = stridesOf(places)
    const numberOf = (p: number) =>
      places.reduce(
        (n, size, axis) => n + ((Math.floor(p / placeStrides[axis]) % size) % grid[axis]) * gridStrides[axis],
        0,
      )
    return {
      P,
      K: sizeOf(window),
      F,
      inputSize: sizeOf(sizes),
      outputSize: P * F,
      starts: offsetsOf(
        places,
        along.map((n, axis) => n * this.strides[axis]),
      ),
      patch: offsetsOf(window, memory),
      kernelOf: Int32Array.from({ length: P }, (_, p) => numberOf(p)),
      outputPlace: isFirst ? 1 : F,
      outputFilter: isFirst ? P : 1,
      biasKernel: isFirst ? 1 : F,
      biasFilter: isFirst ? kernels : 1,
    }
  }

  override prepare({ inputShape }: Call): Windows {
    return { windows: this.windowsFor(inputShape), gradients: noGradients() }
  }

  forwardInto(y: Float32Array, x: Float32Array, call: Call<Windows>): void {
    const { kernel, bias } = call.weights
    call.kernel(localWindows).forward(y, x, kernel.value, bias?.value ?? null, call.batch, call.state.windows)
  }

  backwardInto(dx: Float32Array, dy: Float32Array, call: Call<Windows>): void {
    const { kernel, bias } = call.weights
    const { windows, gradients } = call.state
    gradients.x = call.inputGradient ? dx : null
    gradients.kernel = kernel.grad
    gradients.bias = bias?.grad ?? null
    call.kernel(localWindows).backward(gradients, dy, call.x, kernel.value, call.batch, windows)
  }
}
