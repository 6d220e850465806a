// All that the training of a net goes on from: its weights, its optimizer, its random streams. Copies, which nobody changes.

import { resume, type Sequential } from 'unshared'

export interface NetState {
  readonly weights: readonly Float32Array[]
  readonly iterations: number
  readonly optimizer: readonly Float32Array[]
  readonly streams: readonly object[]
}

export function stateOf(net: Sequential): NetState {
  return {
    weights: net.parameters.map(({ value }) => value.slice()),
    iterations: net.optimizer?.iterations ?? 0,
    optimizer: net.optimizer?.variables().map(variable => variable.read()) ?? [],
    streams: net.randomStreams.map(({ random }) => random.state()),
  }
}

/** Puts a state back, to the last bit. @param net with the same layers and optimizer as the one that the state is of */
export function restore(net: Sequential, { weights, iterations, optimizer, streams }: NetState): void {
  net.parameters.forEach(({ value }, i) => {
    value.set(weights[i])
  })
  if (net.optimizer) net.optimizer.iterations = iterations
  net.optimizer?.variables().forEach((variable, i) => {
    variable.write(optimizer[i])
  })
  net.randomStreams.forEach((stream, i) => {
    stream.random = resume(streams[i])
  })
}

export const bytesOf = ({ weights, optimizer }: NetState): number =>
  [...weights, ...optimizer].reduce((sum, { byteLength }) => sum + byteLength, 0)
