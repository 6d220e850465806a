// Normal noise that is multiplied.

import { knownOptions } from '../check.ts'
import { normal, type Random } from '../random.ts'
import { layerOptionNames } from './layer.ts'
import { Noise, type NoiseRateOptions, rateOf } from './noise.ts'

/** x · normal noise of mean 1 and standard deviation √(rate / (1 − rate)). */
export class GaussianDropout extends Noise {
  readonly className = 'GaussianDropout'
  declare readonly rate: number

  constructor(options: NoiseRateOptions) {
    knownOptions('GaussianDropout', options, [...layerOptionNames, 'rate', 'seed'])
    super(options)
    this.defineAttributes(rateOf(options), rateOf)
  }

  protected get isNoisy(): boolean {
    return this.rate > 0
  }

  protected draw(factor: Float32Array, term: Float32Array, n: number, random: Random): void {
    const stddev = Math.sqrt(this.rate / (1 - this.rate))
    for (let i = 0; i < n; i++) {
      factor[i] = 1 + stddev * normal(random)
      term[i] = 0
    }
  }

  protected override ownConfig() {
    return { rate: this.rate, seed: this.seed }
  }
}
