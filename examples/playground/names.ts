// The names of activations that the page's nets use. The build gives the page `unshared/core`, which knows no names: with
// all of them, it would hold every layer there is. Losses and metrics are named by what reads and writes net files. Node
// has `unshared`, where these names mean the same.

import { activations, linear, relu, sigmoid, softmax, tanh } from 'unshared'

export function nameActivations(): void {
  activations.register('linear', () => linear)
  activations.register('relu', () => relu())
  activations.register('sigmoid', () => sigmoid())
  activations.register('softmax', () => softmax())
  activations.register('tanh', () => tanh())
}
