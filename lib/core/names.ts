// Conversion between Keras' snake_case names and our camelCase names; Keras' automatic layer names.

/** `glorotUniform` → `glorot_uniform`; `l1L2` → `l1_l2`. Names already in snake_case stay unchanged. */
export const toSnakeCase = (name: string) => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)

/** `kernel_size` → `kernelSize`. Names already in camelCase stay unchanged. */
export const toCamelCase = (name: string) => name.replace(/_([a-z0-9])/g, (_, next: string) => next.toUpperCase())

/** The name Keras gives an unnamed layer: `LocallyConnected2D` → `locally_connected2d`, `ReLU` → `re_lu`. */
export const automaticName = (className: string) =>
  className
    .replace(/(.)([A-Z][a-z0-9]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()

/** The camelCase form of a snake_case name, for option types that accept both. */
export type CamelCase<S extends string> = S extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : S
