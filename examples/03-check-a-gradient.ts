// Are the gradients right? Forward itself can tell.
import { type Call, checkGradients, Dense, LocallyConnected2D } from 'unshared'

const layer = new LocallyConnected2D({ filters: 2, kernelSize: 3, activation: 'tanh' })
const report = checkGradients(layer, { inputShape: [5, 5, 1] })
console.log('LocallyConnected2D:', report.passed)
// prints LocallyConnected2D: true

/** A dense layer whose author forgot something. */
class Forgetful extends Dense {
  override backwardInto(dx: Float32Array, dy: Float32Array, call: Call) {
    super.backwardInto(dx, dy, call)
    call.weights.bias.grad.fill(0)
  }
}

for (const check of checkGradients(new Forgetful({ units: 3 }), { inputShape: [4] }).checks)
  console.log(check.name, check.passed)
// prints x true
// prints kernel true
// prints bias false
