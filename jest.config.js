// The library is TypeScript with ES modules; swc takes the types away, tsc checks them in `npm run check`.
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  moduleNameMapper: {
    '^unshared$': '<rootDir>/lib/index.ts',
    '^unshared/(.*)$': '<rootDir>/lib/$1/index.ts',
    '^#platform$': '<rootDir>/lib/node/platform.ts',
  },
  setupFiles: ['<rootDir>/tests/support/setup.ts'],
  modulePathIgnorePatterns: [
    '<rootDir>/dist/',
    '<rootDir>/out/',
    '<rootDir>/tests/benchmarks/(node_modules|.venv)/',
  ],
  maxWorkers: 2,
}
