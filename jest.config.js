// The library is TypeScript with ES modules; swc takes the types away, tsc checks them in `npm run check`.
export default {
  testEnvironment: 'node',
  testMatch: [
    '<rootDir>/tests/**/*.test.ts',
    ...(process.env.UNSHARED_LONG ? ['<rootDir>/tests/long/**/*.long.ts'] : []),
  ],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } }],
  },
  moduleNameMapper: {
    '^unshared$': '<rootDir>/lib/index.ts',
    '^unshared/(core|names|simd)$': '<rootDir>/lib/entries/$1.ts',
    '^unshared/(.*)$': '<rootDir>/lib/$1/index.ts',
    '^#platform$': '<rootDir>/lib/node/platform.ts',
    '^#parse-worker$': '<rootDir>/tests/support/parse-worker-text.ts',
    '^#model-files$': '<rootDir>/lib/node/model-files.ts',
  },
  globalSetup: '<rootDir>/tests/support/global-setup.js',
  globalTeardown: '<rootDir>/tests/support/global-teardown.js',
  setupFiles: ['<rootDir>/tests/support/setup.ts'],
  setupFilesAfterEnv: ['<rootDir>/tests/support/end-threads.ts'],
  modulePathIgnorePatterns: [
    '<rootDir>/dist/',
    '<rootDir>/out/',
    '<rootDir>/examples/papers/node_modules/',
    '<rootDir>/scripts/site/node_modules/',
    '<rootDir>/tests/benchmarks/(node_modules|.venv)/',
    '<rootDir>/tests/consumers/node_modules/',
    '<rootDir>/tests/mutation/node_modules/',
    '<rootDir>/tests/onnx/node_modules/',
  ],
  maxWorkers: 2,
  // Modules and arrays of a test file stay in memory when it has ended: a worker whose objects take so much is replaced.
  workerIdleMemoryLimit: '300MB',
  testTimeout: 60_000, // of a machine that has other things to do
}
