// What every callback may offer, and what it sees of a training.
import { StateError } from '../errors.ts'
/** A callback that has a model to act on. */
export class ModelCallback {
  #model = null
  setModel(model) {
    this.#model = model
  }
  get model() {
    if (!this.#model) throw new StateError('a callback needs a model: pass it to fit')
    return this.#model
  }
  get optimizer() {
    if (!this.model.optimizer) throw new StateError('a callback needs an optimizer: compile the model')
    return this.model.optimizer
  }
}
