// An ONNX graph under construction: nodes, and the tensors that are stored with them.

/** An attribute of a node, by its ONNX type. */
export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly text: string }

export interface OnnxNode {
  readonly name: string
  readonly op: string
  readonly inputs: readonly string[]
  readonly output: string
  readonly attributes: Readonly<Record<string, Attribute>>
}

export type OnnxNumbers = Float32Array | Int32Array | BigInt64Array

/** A tensor stored in the file. */
export interface OnnxTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: OnnxNumbers
}

/** An input or output: batches of samples of this shape. */
export interface OnnxValue {
  readonly name: string
  readonly shape: readonly number[]
}

export interface OnnxGraph {
  readonly name: string
  readonly nodes: readonly OnnxNode[]
  readonly tensors: readonly OnnxTensor[]
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
}

/** Collects the nodes and tensors of a graph. Values are known by their names, which each are the only ones. */
export class GraphWriter {
  readonly nodes: OnnxNode[] = []
  readonly tensors: OnnxTensor[] = []
  /** The name of the layer that is being written. */
  scope = ''
  readonly #taken = new Set<string>()
  readonly #weights = new Map<object, Map<string, string>>()
  readonly #constants = new Map<string, string>()

  /** The name, or a numbered one if it is taken. */
  claim(name: string): string {
    let free = name
    for (let n = 1; this.#taken.has(free); n++) free = `${name}_${n}`
    this.#taken.add(free)
    return free
  }

  /** Adds a node. @returns the name of its output */
  node(op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    const name = this.claim(`${this.scope}/${op}`)
    this.nodes.push({ name, op, inputs, output: name, attributes })
    return name
  }

  /**
   * Stores a weight, or what is computed from it, once for all calls of its layer.
   * @param form in which form: the kernel of a convolution is turned, for example
   */
  weight(
    parameter: { readonly name: string },
    form: string,
    make: () => Omit<OnnxTensor, 'name'>,
    name = parameter.name,
  ): string {
    const forms = this.#weights.get(parameter) ?? new Map<string, string>()
    this.#weights.set(parameter, forms)
    const stored = forms.get(form) ?? this.#store(name, make())
    forms.set(form, stored)
    return stored
  }

  /** Stores float32 numbers that are no weight. */
  floats(shape: readonly number[], numbers: readonly number[]): string {
    return this.#constant('float', shape, Float32Array.from(numbers))
  }

  /** Stores a list of int64 numbers: a shape, pads, axes. */
  longs(numbers: readonly number[]): string {
    return this.#constant('list', [numbers.length], BigInt64Array.from(numbers, BigInt))
  }

  #constant(name: string, shape: readonly number[], data: OnnxNumbers): string {
    const key = `${name} [${shape}] ${data}`
    const known = this.#constants.get(key) ?? this.#store(name, { shape, data })
    this.#constants.set(key, known)
    return known
  }

  #store(name: string, { shape, data }: Omit<OnnxTensor, 'name'>): string {
    const free = this.claim(`${this.scope}/${name}`)
    this.tensors.push({ name: free, shape, data })
    return free
  }

  // ---- Frequent nodes -----------------------------------------------------------------------------------------

  /** Samples in another shape, with every size given: of an empty batch, runtimes can't infer one. */
  reshape(x: string, shape: readonly number[]): string {
    return this.node('Reshape', [x, this.longs([0, ...shape])])
  }

  /** Reorders the axes, the batch being 0; a list of all axes in their order needs no node. */
  transpose(x: string, order: readonly number[]): string {
    return order.every((axis, i) => axis === i) ? x : this.node('Transpose', [x], { perm: { ints: order } })
  }

  /** Adds a value before and after each axis of the samples. */
  pad(x: string, before: readonly number[], behind: readonly number[], value = 0): string {
    if ([...before, ...behind].every(n => n === 0)) return x
    const filling = value === 0 ? [] : [this.floats([], [value])]
    return this.node('Pad', [x, this.longs([0, ...before, 0, ...behind]), ...filling], { mode: { text: 'constant' } })
  }
}
