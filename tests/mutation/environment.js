// Jest goes on after a failed test; a mutant is dead after one, so the others are skipped.
import { TestEnvironment } from 'jest-environment-node'

export default class extends TestEnvironment {
  #failed = false

  handleTestEvent({ name, test }) {
    if (name === 'test_fn_failure' || name === 'hook_failure') this.#failed = true
    if (name === 'test_start' && this.#failed) test.mode = 'skip'
  }
}
