// The three nets. They have the same hidden units, in the same places; only the wiring differs.

import {
  Adam,
  Conv2D,
  Dense,
  Flatten,
  type Layer,
  LocallyConnected2D,
  type Optimizer,
  RMSprop,
  Sequential,
  SGD,
} from 'unshared'

import type { Design } from './builder/design.ts'

export const netNames = ['dense', 'local', 'conv'] as const
export type NetName = (typeof netNames)[number]
export type PerNet<T> = Record<NetName, T>

export const perNet = <T>(make: (name: NetName) => T): PerNet<T> => ({
  dense: make('dense'),
  local: make('local'),
  conv: make('conv'),
})

export const optimizerNames = ['adam', 'sgd', 'rmsprop'] as const
export type OptimizerName = (typeof optimizerNames)[number]

/** What the pictures are like, and how the hidden units look at them. */
export interface Task {
  /** Pictures are side × side. */
  readonly side: number
  readonly classes: number
  readonly kernelSize: number
  readonly strides: number
  readonly filters: number
  /** All layers of a net that is made in another way than with one hidden layer. */
  layers?(name: NetName): Layer[]
  /** How those are built. */
  readonly design?: Design
  /** The number of the reader's own pictures that are learned; not there for the page's digits. */
  readonly own?: number | null
}

export const digitsTask: Task = { side: 8, classes: 10, kernelSize: 3, strides: 1, filters: 8 }

/** How many places the hidden units have along each side. */
export const placesOf = ({ side, kernelSize, strides }: Task): number => Math.floor((side - kernelSize) / strides) + 1

export function createNet(name: NetName, seed: number, task: Task = digitsTask): Sequential {
  const { side, classes, filters, kernelSize, strides } = task
  const inputShape = [side, side, 1]
  const look = { filters, kernelSize, strides, activation: 'relu', inputShape } as const
  const readOut = new Dense({ units: classes, activation: 'softmax' })
  const layers = {
    dense: () => [
      new Flatten({ inputShape }),
      new Dense({ units: placesOf(task) ** 2 * filters, activation: 'relu' }),
      readOut,
    ],
    local: () => [new LocallyConnected2D(look), new Flatten(), readOut],
    conv: () => [new Conv2D(look), new Flatten(), readOut],
  }
  return new Sequential(task.layers?.(name) ?? layers[name](), { name, seed: `${seed}/${name}` })
}

export function createOptimizer(name: OptimizerName, learningRate: number): Optimizer {
  if (name === 'sgd') return new SGD({ learningRate, momentum: 0.9 })
  return name === 'adam' ? new Adam({ learningRate }) : new RMSprop({ learningRate })
}

/** The first layer's kernel and bias, as the library stores them. */
export function firstWeights(net: Sequential): { kernel: Float32Array; bias: Float32Array } {
  const [kernel, bias] = net.parameters
  return { kernel: kernel.value, bias: bias.value }
}
