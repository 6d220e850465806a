// What is mutated, and which tests may notice: those that mirror the files, the quick ones first; then some that reach
// the files through a layer; then golden fixtures of the real Keras, by family.

const kernels = (...names) => names.map(name => `lib/kernels/${name}.ts`)
const tests = (...names) => names.map(name => `tests/${name}.test.ts`)

export const areas = {
  math: { mutate: ['lib/core/math.ts'], tests: tests('core/math') },
  geometry: { mutate: ['lib/core/geometry.ts'], tests: tests('core/geometry', 'kernels/local2d-layouts') },
  local2d: {
    mutate: kernels('local2d-dense', 'local2d-layouts', 'local2d-loop', 'local2d-sparse'),
    tests: tests('kernels/local2d-layouts', 'kernels/local2d'),
  },
  products: { mutate: kernels('convolution-transpose', 'depthwise2d', 'matmul'), tests: tests('kernels/products') },
  moves: {
    mutate: kernels('dropout', 'gather', 'interpolate', 'permute', 'pool2d', 'prelu'),
    tests: tests('kernels/moves'),
  },
  sums: {
    mutate: kernels('draws', 'norms', 'orthonormal', 'penalties', 'sums'),
    tests: tests('kernels/sums', 'kernels/draws', 'kernels/orthonormal', 'weights/regularizers', 'weights/constraints'),
  },
  normalization: { mutate: kernels('normalization'), tests: tests('kernels/normalization') },
  activations: { mutate: kernels('activations'), tests: tests('kernels/activations') },
  lossKernels: {
    mutate: ['lib/kernels/losses/*.ts'],
    tests: tests('losses/losses'),
    engines: true,
    golden: ['losses'],
  },
  losses: { mutate: ['lib/losses/*.ts'], tests: tests('losses/losses'), engines: true, golden: ['losses'] },
  optimizerKernels: { mutate: kernels('optimizers'), tests: tests('optimizers/optimizers'), engines: true },
  optimizers: {
    mutate: ['optimizer', 'optimizers', 'corrections'].map(name => `lib/optimizers/${name}.ts`),
    tests: tests('optimizers/optimizers'),
    engines: true,
    golden: ['optimizers'],
  },
  sparing: { mutate: ['lib/simd/sparing.ts'], tests: tests('simd/sparing') },
  calls: {
    mutate: ['lib/layers/call.ts', 'lib/layers/graph.ts', 'lib/models/step.ts', 'lib/models/measurement.ts'],
    tests: tests(
      ...['call', 'layers', 'borders'].map(name => `layers/${name}`),
      ...['step', 'shared-layers', 'graphs', 'training', 'batch-source', 'costs', 'sequential', 'resume'].map(
        name => `models/${name}`,
      ),
    ),
  },
  layers: {
    mutate: [
      ...['locally-connected*', 'window*', 'kernel-bias'].map(name => `lib/layers/${name}.ts`),
      ...kernels('local-bias', 'local2d-sharing'),
    ],
    tests: tests(
      ...['locally-connected-2d', 'locally-connected-1d', 'local-bias', 'conversions'].map(name => `layers/${name}`),
    ),
    engines: true,
    golden: ['locally_connected_1d', 'locally_connected_2d'],
  },
  researchKernels: {
    mutate: kernels('connection-table', 'local-windows', 'low-rank', 'soft-threshold'),
    tests: tests(
      ...['goldens', 'tiled', 'locally-connected-3d', 'low-rank', 'connection-table-conv', 'soft-threshold'].map(
        name => `research/${name}`,
      ),
    ),
  },
  research: {
    mutate: ['lib/research/*.ts'],
    tests: tests(
      ...['goldens', 'tiled', 'locally-connected-3d', 'low-rank', 'connection-table-conv', 'constant-padding'].map(
        name => `research/${name}`,
      ),
      ...[
        'soft-threshold',
        'scaled-tanh',
        'index',
        'patch-initializers',
        'sharing',
        'share-weights',
        'sheet-smoothness',
        'feedback',
      ].map(name => `research/${name}`),
    ),
  },
}
