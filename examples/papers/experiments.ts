// The experiments, in the order of the page.

import type { Experiment } from './experiment.ts'
import { experiment as feedback } from './feedback.ts'
import { experiment as genomes } from './genomes.ts'
import { experiment as lowRank } from './low-rank.ts'
import { experiment as mnist1d } from './mnist-1d.ts'
import { experiment as nets1989 } from './nets-1989.ts'
import { experiment as relax } from './relax.ts'
import { experiment as samples } from './samples.ts'
import { experiment as shifts } from './shifts.ts'
import { experiment as sleep } from './sleep.ts'
import { experiment as topography } from './topography.ts'
import { experiment as zipCodes } from './zip-codes.ts'

export const experiments: readonly Experiment[] = [
  nets1989,
  zipCodes,
  samples,
  mnist1d,
  sleep,
  relax,
  lowRank,
  shifts,
  feedback,
  genomes,
  topography,
]
