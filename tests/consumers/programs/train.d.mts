import type { Model, Tensor } from 'unshared'

export function train(
  library: typeof import('unshared'),
  threads: number | undefined,
): Promise<{ model: Model; x: Tensor; losses: number[] }>
