// Normal noise that is added.

import { finite, knownOptions } from '../check.ts'
import { normal, type Random } from '../random.ts'
import { layerOptionNames } from './layer.ts'
import { Noise, type SeedOption, seedOf } from './noise.ts'

/** The options of GaussianNoise. */
export interface GaussianNoiseOptions extends SeedOption {
  /** The standard deviation of what is added. */
  readonly stddev: number
}

/** x + normal noise. */
export class GaussianNoise extends Noise {
  readonly className = 'GaussianNoise'
  declare readonly stddev: number

  constructor(options: GaussianNoiseOptions) {
    knownOptions('GaussianNoise', options, [...layerOptionNames, 'stddev', 'seed'])
    super(options)
    const check = ({ stddev, seed }: GaussianNoiseOptions) => ({
      stddev: finite('stddev', stddev, 0),
      seed: seedOf(seed),
    })
    this.defineAttributes(check(options), check)
  }

  protected get isNoisy(): boolean {
    return this.stddev > 0
  }

  protected draw(factor: Float32Array, term: Float32Array, n: number, random: Random): void {
    for (let i = 0; i < n; i++) {
      factor[i] = 1
      term[i] = this.stddev * normal(random)
    }
  }

  protected override ownConfig() {
    return { stddev: this.stddev, seed: this.seed }
  }
}
