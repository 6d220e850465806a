// Generated from lib/simd/assembly/ by scripts/build-simd.js. Do not edit.
// biome-ignore-all format: long lines

/** Where the geometry of a call begins. */
export const CALL = 56
/** Bytes of a thread's scratch, and of the panel in it. */
export const SCRATCH_SIZE = 2097152
export const PANEL_SIZE = 524288
/** Numbers per cache line, the unit in which threads divide arrays. */
export const LINE = 16
/** The fields of a geometry, in order, each with its factor: strides are passed in bytes. */
export const callFields = { H: 1, W: 1, C: 1, KH: 1, KW: 1, SH: 1, SW: 1, OH: 1, OW: 1, F: 1, top: 1, left: 1, dilationRow: 1, dilationCol: 1, channelsFirst: 1, patchChannelsFirst: 1, inputRow: 4, inputCol: 4, inputChannel: 4, inputSize: 4, outputPlace: 4, outputFilter: 4, outputSize: 4, biasPlace: 4, biasFilter: 4, layout: 1, connections: 1 }
/** The activations, by number. */
export const activationNames = ['relu', 'leakyRelu', 'sigmoid', 'hardSigmoid', 'tanh', 'softplus', 'softsign', 'elu', 'exponential', 'gelu', 'swish'] as const
