// The Sequential model: a stack of layers, built when the shape of its input is known.

import { type BatchShape, batchShape, knownOptions, sameShape } from '../core/check.ts'
import { ArgumentError, StateError } from '../core/errors.ts'
import type { Config, Serialized } from '../core/registry.ts'
import type { Tensor } from '../core/tensor.ts'
import type { Value } from '../layers/call.ts'
import { InputLayer } from '../layers/input-layer.ts'
import { Layer } from '../layers/layer.ts'
import { Module, type Visit } from '../layers/module.ts'
import { layers as layerTable } from '../layers/registry.ts'
import { Model, type ModelSettings, settingNames } from './model.ts'

/** The options of a Sequential. */
export interface SequentialOptions extends ModelSettings {}

/**
 * A linear stack of layers, each with one input and one output, like `tf.keras.Sequential`.
 *
 * ```ts
 * const model = new Sequential([new Flatten({ inputShape: [8, 8] }), new Dense({ units: 10 })], { seed: 7 })
 * ```
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/Sequential
 */
export class Sequential extends Model {
  static {
    layerTable.register('Sequential', config => Sequential.fromConfig(config) as Module as Layer)
  }

  override readonly className: string = 'Sequential'
  readonly #layers: (Layer | Model)[] = []

  /**
   * @param layers in order; the first may specify the sample shape (`inputShape`), else `build` or the first data do
   * @throws ArgumentError when an item is not a layer, two layers have the same name, or shapes do not fit
   */
  constructor(layers: readonly (Layer | Model)[] = [], options: SequentialOptions = {}) {
    if (!Array.isArray(layers)) throw new ArgumentError('layers', layers, 'a list of layers')
    knownOptions('Sequential', options, settingNames)
    super(options, false)
    const modules = layers.filter((layer): layer is Layer | Model => layer instanceof Module)
    const sample = modules.length > 0 ? shapeGivenBy(modules[0]) : null
    if (sample && modules.length === layers.length) this.assertFit(visit => stacked(modules, sample, visit))
    const reserved = modules.filter(({ hasName }) => hasName).map(({ name }) => name)
    for (const layer of layers) this.#add(layer, reserved)
  }

  override get layers(): readonly (Layer | Model)[] {
    return this.#layers
  }

  override get inputNames(): readonly string[] {
    return this.#layers.slice(0, 1).map(layer => `${this.nameOf(layer)}_input`)
  }

  override get outputNames(): readonly string[] {
    return this.#layers.slice(-1).map(layer => this.nameOf(layer))
  }

  override get inputCounts(): readonly [number, number] {
    return [1, 1]
  }

  /**
   * Appends a layer or a model, and builds it if its input shape is known. A layer of another model keeps its weights:
   * both models then train the same weights, in shared memory.
   * @throws ArgumentError when the layer does not fit, is already in the model, or was given a name that is taken; or
   * when the two models were created with different `engine` options. StateError while the model is running
   */
  add(layer: Layer | Model): void {
    this.#add(layer, [])
  }

  #add(layer: Layer | Model, reserved: readonly string[]): void {
    if (!(layer instanceof Module)) throw new ArgumentError('layer', layer, 'a layer')
    this.assertIdle('add')
    if (this.#layers.includes(layer)) throw new ArgumentError('layer', layer.name, 'a layer not yet in the model')
    const isTaken = this.#layers.some(other => this.nameOf(other) === layer.name)
    if (layer.isNamed && isTaken) throw new ArgumentError('layer', layer.name, 'a name unique in the model')
    const sample = this.#layers.length === 0 ? shapeGivenBy(layer) : (this.inputShape as BatchShape | null)
    if (sample) {
      this.assertFit(visit => stacked([...this.#layers, layer], sample, visit))
      this.#append(layer, sample)
    }
    this.nameLayer(layer, this.#layers, reserved)
    this.#layers.push(layer)
    this.trainer = null
  }

  /** Removes the last layer. @throws StateError when the model has no layers or is running */
  pop(): void {
    this.assertIdle('pop')
    const layer = this.#layers.pop()
    if (!layer) throw new StateError('pop: the model has no layers')
    if (this.assembly) {
      const { graph, ends, network, values } = this.assembly
      const [inputs, nodes] = [network.inputs, network.nodes.slice(0, -1)]
      const node = network.nodes[nodes.length]
      layer.forget(node)
      for (const tensor of node.outputs) values.delete(tensor)
      ends.pop()
      graph.truncate(ends.at(-1) ?? 0)
      const outputs = nodes.at(-1)?.outputs ?? inputs
      graph.outputs = outputs.map(tensor => values.get(tensor) as Value)
      this.assembly.network = { ...network, outputs, nodes }
      if (this.#layers.length === 0) this.assembly = null
    }
    this.forgetLayer(layer)
    this.trainer = null
  }

  /**
   * Creates the weights for inputs of this shape, which starts with the batch size: `[null, 28, 28, 1]`.
   * @throws ArgumentError when the shape does not fit; StateError when the model has no layers or is running
   */
  override build(inputShape: BatchShape): void {
    this.assertIdle('build')
    this.#build(inputShape)
  }

  #build(inputShape: BatchShape): void {
    if (this.#layers.length === 0) throw new StateError('build: the model has no layers; add some first')
    const [, ...sample] = batchShape('inputShape', inputShape)
    if (this.inputShape) {
      if (sameShape(this.inputShape.slice(1), sample)) return
      throw new ArgumentError(
        'inputShape',
        inputShape,
        `[${this.inputShape.map(n => n ?? 'null').join(', ')}], as built before`,
      )
    }
    const shape: BatchShape = [null, ...sample]
    this.assertFit(visit => stacked(this.#layers, shape, visit))
    try {
      for (const layer of this.#layers) this.#append(layer, shape)
    } catch (error) {
      this.assembly = null
      throw error
    }
  }

  /** Adds the calls of a layer behind those that are there. @param inputShape of the model */
  #append(layer: Layer | Model, inputShape: BatchShape): void {
    let { assembly } = this
    if (!assembly) {
      const inputLayer = new InputLayer({ batchInputShape: inputShape })
      assembly = this.newAssembly([inputLayer.output])
      assembly.network = { ...assembly.network, inputLayers: [inputLayer], layers: this.#layers }
    }
    const { graph, values, network } = assembly
    const inputs = network.nodes.at(-1)?.outputs ?? network.inputs
    const outputs = layer.record(inputs, layer.outputShapes(inputs.map(({ shape }) => shape)), true)
    const [{ node }] = outputs
    try {
      if (outputs.length > 1) throw new ArgumentError('layer', layer.name, 'a layer with one output')
      this.addCalls(assembly, node, network.nodes.length)
    } catch (error) {
      layer.forget(node)
      throw error
    }
    graph.outputs = outputs.map(tensor => values.get(tensor) as Value)
    assembly.network = { ...assembly.network, outputs, nodes: [...network.nodes, node] }
    this.assembly = assembly
  }

  /** @internal */
  override buildFor([inputShape]: readonly BatchShape[]): void {
    if (this.built) super.buildFor([inputShape])
    else this.#build(inputShape)
  }

  protected override buildForSamples([{ shape }]: readonly Tensor[]): void {
    if (!this.built) this.#build([null, ...shape.slice(1)])
  }

  /** @internal */
  override outputShapes(inputShapes: readonly BatchShape[], visit?: Visit): readonly BatchShape[] {
    const [inputShape] = this.checkedShapes(inputShapes.map(shape => ({ shape })))
    return [stacked(this.#layers, inputShape, visit)]
  }

  /** The name and layers, from which `Sequential.fromConfig` creates the same model with new weights. */
  override getConfig(): { name: string; layers: Serialized[] } {
    const input = this.inputShape
    const inputLayer = input && {
      className: 'InputLayer',
      config: { batchInputShape: [...input], dtype: 'float32', name: `${this.nameOf(this.#layers[0])}_input` },
    }
    const layers = this.#layers.map(layer => ({
      className: layer.className,
      config: { ...layer.getConfig(), name: this.nameOf(layer) },
    }))
    return { name: this.name, layers: [...(inputLayer ? [inputLayer] : []), ...layers] }
  }

  static override fromConfig(config: Config, options: Omit<SequentialOptions, 'name'> = {}): Sequential {
    const { name, layers } = (config ?? {}) as { name?: string; layers?: Serialized[] }
    if (!Array.isArray(layers)) throw new ArgumentError('config.layers', layers, 'a list of { className, config }')
    const [first, ...others] = layers
    const isInput = first?.className === 'InputLayer'
    const model = new Sequential(
      (isInput ? others : layers).map(layer => layerTable.get(layer)),
      { ...options, ...(name === undefined ? {} : { name }) },
    )
    if (isInput && !model.built) model.build(first.config.batchInputShape as BatchShape)
    return model
  }
}

/** The output shape of layers behind each other. */
function stacked(layers: readonly Module[], inputShape: BatchShape, visit?: Visit): BatchShape {
  let shape = inputShape
  for (const layer of layers) [shape] = layer.outputShapes([shape], visit)
  return shape
}

/** The input shape that a first layer specifies, or `null` if it is missing or incomplete. */
function shapeGivenBy(layer: Layer | Model): BatchShape | null {
  const shape = layer instanceof Layer ? layer.batchInputShape : layer.inputShape
  return shape?.slice(1).every(n => n !== null) ? [null, ...shape.slice(1)] : null
}
