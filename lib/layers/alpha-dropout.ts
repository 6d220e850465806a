// Dropout for selu.

import { knownOptions } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import type { Random } from '../random.ts'
import { layerOptionNames } from './layer.ts'
import { Noise, type NoiseRateOptions, rateOf } from './noise.ts'

/** What selu gives for −∞. */
const SELU_FLOOR = -1.7580993408473766

/**
 * Dropout for selu: what is dropped becomes selu's floor, and all is scaled so that mean and variance stay.
 *
 * @see Klambauer et al. 2017, arXiv:1706.02515
 */
export class AlphaDropout extends Noise {
  readonly className = 'AlphaDropout'
  declare readonly rate: number

  constructor(options: NoiseRateOptions & { readonly noiseShape?: null }) {
    knownOptions('AlphaDropout', options, [...layerOptionNames, 'rate', 'noiseShape', 'seed'])
    super(options)
    if (options.noiseShape) throw new ArgumentError('noiseShape', options.noiseShape, 'null')
    this.defineAttributes(rateOf(options), rateOf)
  }

  protected get isNoisy(): boolean {
    return this.rate > 0
  }

  protected draw(factor: Float32Array, term: Float32Array, n: number, random: Random): void {
    const { rate } = this
    const a = 1 / Math.sqrt((1 - rate) * (1 + rate * SELU_FLOOR * SELU_FLOOR))
    const b = -a * SELU_FLOOR * rate
    for (let i = 0; i < n; i++) {
      const isKept = random() >= rate
      factor[i] = isKept ? a : 0
      term[i] = isKept ? b : a * SELU_FLOOR + b
    }
  }

  protected override ownConfig() {
    return { rate: this.rate, seed: this.seed }
  }
}
