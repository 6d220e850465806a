// What a model costs: multiply-adds, and bytes of memory.
import { sizeOf } from '../check.ts'
import { ArgumentError } from '../errors.ts'

const bytesOf = numbers => 4 * numbers
/** @param run what is done; activations are those of its batch */
export function costsOf(layer, { batch, training, optimizer }) {
  const { forward, backward } = layer.numbersPerSample
  const trained = training ? layer.trainableParameters : []
  const perWeight = optimizer?.numbersPerWeight ?? 0
  return {
    macs: layer.macs,
    weights: bytesOf(layer.countParams()),
    gradients: training ? bytesOf(layer.countParams()) : 0,
    optimizer: bytesOf(trained.reduce((sum, { size }) => sum + size, 0) * perWeight),
    activations: bytesOf(batch * (forward + (training ? backward : 0))),
  }
}
export const totalOf = costs => {
  const sum = key => costs.reduce((all, one) => all + one[key], 0)
  return {
    macs: sum('macs'),
    weights: sum('weights'),
    gradients: sum('gradients'),
    optimizer: sum('optimizer'),
    activations: sum('activations'),
  }
}
export const bytesIn = ({ weights, gradients, optimizer, activations }) =>
  weights + gradients + optimizer + activations
/** @throws ArgumentError when layers need more than `limit` bytes together, naming the one that needs most */
function assertWithin(limit, needs, what, more = 0) {
  const total = needs.reduce((sum, { bytes }) => sum + bytes, more)
  if (total <= limit) return
  const largest = needs.reduce((most, need) => (need.bytes > most.bytes ? need : most))
  throw new ArgumentError(
    'memoryLimit',
    limit,
    `at least ${inWords(total)} for ${what}`,
    `The layer ${largest.layer.name} needs most: ${inWords(largest.bytes)}`,
  )
}
/**
 * Refuses layers whose weights, with the outputs for one sample, need more than `limit` bytes. None is built for that.
 * @param inputShape the shape before the first of them, with the batch in front
 */
export function assertLayersFit(limit, layers, inputShape, context) {
  const needs = []
  let shape = inputShape
  for (const layer of layers) {
    const output = layer.computeOutputShape(shape)
    const bytes = bytesOf(sizeOf(output.slice(1)))
    assertWithin(limit, [...needs, { layer, bytes }], 'the outputs of one sample')
    needs.push({ layer, bytes: bytes + bytesOf(layer.plannedSize(shape, context)) })
    assertWithin(limit, needs, 'weights and the outputs of one sample')
    shape = output
  }
}
/** Refuses a run that needs more than `limit` bytes. The batch and the gradient of the output need memory too. */
export function assertRunFits(limit, layers, run) {
  const needs = layers.map(layer => ({ layer, bytes: bytesIn(costsOf(layer, run)) }))
  const ends =
    sizeOf(layers[0].inputShape) + (run.training ? sizeOf(layers[layers.length - 1].outputShape) : 0)
  const what = run.training ? 'training with' : 'running'
  assertWithin(limit, needs, `${what} batches of ${run.batch}`, bytesOf(run.batch * ends))
}
/** `1234567 bytes (1.18 MB)` */
const inWords = bytes => (bytes < 1024 ? `${bytes} bytes` : `${bytes} bytes (${memory(bytes)})`)
/** So many bytes in Keras' words. */
export function memory(bytes) {
  const units = ['Byte', 'KB', 'MB', 'GB', 'TB', 'PB']
  let size = bytes
  let unit = 0
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024
    unit++
  }
  return `${size.toFixed(2)} ${units[unit]}`
}
