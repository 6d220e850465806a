// Option fields shared by several layers.

import { finite, integer } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { type Field, field, optional } from '../core/options.ts'
import type { Serialized } from '../core/registry.ts'
import { type Constraint, constraints } from '../weights/constraints.ts'
import { type Initializer, initializers } from '../weights/initializers.ts'
import { type Regularizer, regularizers } from '../weights/regularizers.ts'
import { type Activation, getActivation, serializeActivation } from './activations.ts'

/** The share of values that noise changes: at least 0 and less than 1. */
export const rate = /* @__PURE__ */ field((name, given) => {
  if (finite(name, given, 0, 1) === 1) throw new ArgumentError(name, given, 'a number less than 1')
  return given as number
})
export const seed = /* @__PURE__ */ optional((name, given) => integer(name, given, 0))

const serialized =
  <T>({ serialize }: { serialize(object: T): Serialized }) =>
  (object: T | null) =>
    object && serialize(object)

export const activation: Field<Activation> = /* @__PURE__ */ field(
  (_, given) => getActivation(given),
  null,
  serializeActivation,
)
/** @param Default the class of the initializer where none is given; a class, so that its name need not be known */
export const initializer = (Default: new () => Initializer): Field<Initializer> =>
  field((name, given) => initializers.getOptional(given, name) ?? new Default(), null, initializers.serialize)
export const regularizer: Field<Regularizer | null> = /* @__PURE__ */ field(
  (name, given) => regularizers.getOptional(given, name),
  null,
  /* @__PURE__ */ serialized(regularizers),
)
export const constraint: Field<Constraint | null> = /* @__PURE__ */ field(
  (name, given) => constraints.getOptional(given, name),
  null,
  /* @__PURE__ */ serialized(constraints),
)
