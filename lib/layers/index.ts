// The layers, and the table of them by class name.

import { type Config, registry } from '../registry.ts'
import { Activation, type ActivationOptions } from './activation.ts'
import { Dense, type DenseOptions } from './dense.ts'
import { Dropout, type DropoutOptions } from './dropout.ts'
import { Flatten } from './flatten.ts'
import { Layer } from './layer.ts'
import { LocallyConnected1D, type LocallyConnected1DOptions } from './locally-connected-1d.ts'
import { LocallyConnected2D, type LocallyConnected2DOptions } from './locally-connected-2d.ts'

/** A config comes from a file or from a user: each constructor checks every field of it. */
const as = <T>(config: Config) => config as unknown as T

/** Layers by class name: `layers.get({ className: 'Dense', config: { units: 10 } })`. */
export const layers = registry<Layer>(
  'layer',
  {
    Activation: config => new Activation(as<ActivationOptions>(config)),
    Dense: config => new Dense(as<DenseOptions>(config)),
    Dropout: config => new Dropout(as<DropoutOptions>(config)),
    Flatten: config => new Flatten(config),
    LocallyConnected1D: config => new LocallyConnected1D(as<LocallyConnected1DOptions>(config)),
    LocallyConnected2D: config => new LocallyConnected2D(as<LocallyConnected2DOptions>(config)),
  },
  {},
  value => value instanceof Layer,
)

export type { ActivationOptions } from './activation.ts'
export type { DenseOptions } from './dense.ts'
export type { DropoutOptions } from './dropout.ts'
export type { FlattenOptions } from './flatten.ts'
export type { BuildContext, LayerOptions, Pass } from './layer.ts'
export type { LocallyConnected1DOptions } from './locally-connected-1d.ts'
export type { LocallyConnected2DOptions } from './locally-connected-2d.ts'
export { Activation, Dense, Dropout, Flatten, Layer, LocallyConnected1D, LocallyConnected2D }
