// The names of initializers, regularizers and constraints. A registry exported here is filled when it is used; the functions
// fill it for users of the other one.

import { makers, type Registry } from '../core/registry.ts'
import {
  type Constraint,
  constraints as constraintTable,
  MaxNorm,
  MinMaxNorm,
  NonNeg,
  RadialConstraint,
  UnitNorm,
} from './constraints.ts'
import {
  Constant,
  GlorotNormal,
  GlorotUniform,
  HeNormal,
  HeUniform,
  Identity,
  type Initializer,
  initializers as initializerTable,
  LecunNormal,
  LecunUniform,
  Ones,
  Orthogonal,
  RandomNormal,
  RandomUniform,
  TruncatedNormal,
  VarianceScaling,
  Zeros,
} from './initializers.ts'
import {
  L1,
  L1L2,
  L2,
  OrthogonalRegularizer,
  type Regularizer,
  regularizers as regularizerTable,
} from './regularizers.ts'

/** The initializers by name. */
export const initializers: Registry<Initializer> = /* @__PURE__ */ nameInitializers()

export function nameInitializers(): Registry<Initializer> {
  return initializerTable.fill(
    makers<Initializer>({
      Zeros,
      Ones,
      Constant,
      RandomNormal,
      RandomUniform,
      TruncatedNormal,
      VarianceScaling,
      GlorotUniform,
      GlorotNormal,
      HeUniform,
      HeNormal,
      LecunUniform,
      LecunNormal,
      Identity,
      Orthogonal,
    }),
    {
      zeros: 'Zeros',
      ones: 'Ones',
      constant: 'Constant',
      random_normal: 'RandomNormal',
      random_uniform: 'RandomUniform',
      truncated_normal: 'TruncatedNormal',
      variance_scaling: 'VarianceScaling',
      glorot_uniform: 'GlorotUniform',
      glorot_normal: 'GlorotNormal',
      he_uniform: 'HeUniform',
      he_normal: 'HeNormal',
      lecun_uniform: 'LecunUniform',
      lecun_normal: 'LecunNormal',
      identity: 'Identity',
      orthogonal: 'Orthogonal',
      zero: 'Zeros',
      one: 'Ones',
      normal: 'RandomNormal',
      uniform: 'RandomUniform',
    },
  )
}

/** The regularizers by name. */
export const regularizers: Registry<Regularizer> = /* @__PURE__ */ nameRegularizers()

export function nameRegularizers(): Registry<Regularizer> {
  return regularizerTable.fill(makers<Regularizer>({ L1, L2, L1L2, OrthogonalRegularizer }), {
    l1: 'L1',
    l2: 'L2',
    l1_l2: () => new L1L2({ l1: 0.01, l2: 0.01 }),
    orthogonal_regularizer: 'OrthogonalRegularizer',
  })
}

/** The constraints by name. */
export const constraints: Registry<Constraint> = /* @__PURE__ */ nameConstraints()

export function nameConstraints(): Registry<Constraint> {
  return constraintTable.fill(makers<Constraint>({ MaxNorm, NonNeg, UnitNorm, MinMaxNorm, RadialConstraint }), {
    max_norm: 'MaxNorm',
    non_neg: 'NonNeg',
    unit_norm: 'UnitNorm',
    min_max_norm: 'MinMaxNorm',
    radial_constraint: 'RadialConstraint',
    maxnorm: 'MaxNorm',
    nonneg: 'NonNeg',
    unitnorm: 'UnitNorm',
  })
}
