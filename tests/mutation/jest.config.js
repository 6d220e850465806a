// The tests of one area (main.js names them), all in one file and one process, on the reference engine.
import config from '../../jest.config.js'

const { globalSetup: _, globalTeardown: _folder, ...rest } = config // a program and a folder that no area needs

export default {
  ...rest,
  rootDir: '../..',
  testEnvironment: '<rootDir>/tests/mutation/environment.js',
  testMatch: ['<rootDir>/tests/mutation/area.ts'],
  maxWorkers: 1,
}
