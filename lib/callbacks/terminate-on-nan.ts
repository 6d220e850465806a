import { print } from '#platform'
import { checkLogs, type Logs, ModelCallback } from './callback.ts'

/** Stops training when the loss is NaN or infinite, and prints a message. */
export class TerminateOnNaN extends ModelCallback {
  static override readonly name = 'TerminateOnNaN'
  onTrainBatchEnd(batch: number, logs: Logs): void {
    checkLogs(logs)
    const { loss = 0 } = logs
    if (Number.isFinite(loss)) return
    const advice = 'a smaller learning rate, or clipnorm in the optimizer, often helps'
    print(`Batch ${batch}: Invalid loss (${loss}), terminating training; ${advice}`)
    this.model.stopTraining = true
  }
}
