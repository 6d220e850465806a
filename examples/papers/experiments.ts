// The experiments, in the order of the page.

import type { Experiment } from './experiment.ts'
import { experiment as nets1989 } from './nets-1989.ts'

export const experiments: readonly Experiment[] = [nets1989]
