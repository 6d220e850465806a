// The progress lines that `fit` and `evaluate` print, in the format of Keras 2.

import { exponentOf, type Logs, textOf } from '../callbacks/training-state.ts'

/**
 * A finished epoch, or `evaluate`. With a bar: `45/45 [==============================] - 1s 12ms/step - loss: 0.4213`; without,
 * for log files: `45/45 - 1s - loss: 0.4213 - 1s/epoch - 12ms/step`.
 */
export function finishedLine(hasBar: boolean, steps: number, milliseconds: number, logs: Logs): string {
  const total = seconds(milliseconds)
  if (steps === Infinity) return `${total}${values(logs)}`
  const perStep = timePer('step', milliseconds / steps)
  if (hasBar) return `${steps}/${steps} [${'='.repeat(30)}] - ${total} ${perStep}${values(logs)}`
  return `${steps}/${steps} - ${total}${values(logs)} - ${timePer('epoch', milliseconds)} - ${perStep}`
}

/** During an epoch: `27/45 [=================>............] - ETA: 1s - loss: 0.4213 - accuracy: 0.8812` */
export function runningLine(step: number, steps: number, millisecondsLeft: number, logs: Logs): string {
  if (steps === Infinity) return `${step}/Unknown${values(logs)}`
  const done = Math.floor((30 * step) / steps)
  const bar = `${'='.repeat(Math.max(done - 1, 0))}${done > 0 ? '>' : ''}`.padEnd(30, '.')
  return `${String(step).padStart(String(steps).length)}/${steps} [${bar}] - ETA: ${clock(millisecondsLeft)}${values(logs)}`
}

const seconds = (milliseconds: number) => `${Math.round(milliseconds / 1000)}s`

/** `12s`, `1:05`, `2:00:09` */
function clock(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  if (seconds <= 60) return `${seconds}s`
  const two = (n: number) => String(n).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  if (seconds <= 3600) return `${minutes}:${two(seconds % 60)}`
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
}

function timePer(unit: string, milliseconds: number): string {
  if (milliseconds >= 1000 || milliseconds === 0) return `${seconds(milliseconds)}/${unit}`
  if (milliseconds >= 1) return `${Math.round(milliseconds)}ms/${unit}`
  return `${Math.round(milliseconds * 1000)}us/${unit}`
}

const values = (logs: Logs) =>
  Object.entries(logs)
    .map(([name, value]) => ` - ${name}: ${number(value)}`)
    .join('')

/** Four decimals; exponential notation for magnitudes up to 1e-3. */
function number(value: number): string {
  if (!Number.isFinite(value)) return textOf(value)
  if (Math.abs(value) > 1e-3) return value.toFixed(4)
  const [digits, exponent] = value.toExponential(4).split('e')
  return `${digits}e${exponentOf(exponent)}`
}
