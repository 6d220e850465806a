// A model as it goes to a file: Keras' configs, and named arrays, in the form that the file is to have.
import { sizeOf } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { convertLocalKernel } from '../kernels/local2d-layouts.ts'
import { LocallyConnected } from '../layers/locally-connected.ts'
import { Loss, losses } from '../losses.ts'
import { Metric, metrics } from '../metrics.ts'
import { toSnakeCase } from '../names.ts'
import { toKeras } from './config.ts'
import { containerNames } from './matching.ts'
/** @throws ArgumentError for what Keras can't read. StateError before the model is built */
export function plainModel(model, options) {
  model.countParams() // throws while the model isn't built
  const { implementation } = options
  if (options.forKeras) for (const layer of model.layers) assertKnownToKeras(layer, implementation)
  const config = toKeras(model.getConfig())
  const layerConfigs = config.layers
  if (implementation !== undefined)
    for (const layer of layerConfigs)
      if ('implementation' in layer.config) layer.config.implementation = implementation
  const containers = containerNames(model.layers.map(({ className }) => className))
  return {
    config: { class_name: 'Sequential', config },
    inputShapes: model.layers.map(({ inputShape }) => [null, ...inputShape]),
    layers: model.layers.map((layer, i) => ({
      name: layer.name,
      container: containers[i],
      weights: layer.parameters.map(parameter => {
        const { name, shape, value } = parameter
        return asStored(
          layer,
          parameter === layer.parameters[0],
          { name, shape, data: value },
          implementation,
        )
      }),
    })),
    metricClasses: metricClasses(model),
    training: options.includeOptimizer ? plainTraining(model, implementation) : null,
  }
}
function metricClasses({ compileOptions: compiled }) {
  if (!compiled) return []
  const all = [...(compiled.metrics ?? []), ...(compiled.weightedMetrics ?? [])]
  return ['Mean', ...all.map(metric => (metric instanceof Metric ? metric.className : 'MeanMetricWrapper'))]
}
function assertKnownToKeras(layer, implementation) {
  if (!(layer instanceof LocallyConnected) || layer.padding !== 'same') return
  if ((implementation ?? layer.implementation) !== 1) return
  throw new ArgumentError(
    `padding of the layer ${layer.name}`,
    'same',
    `'valid' with implementation 1, for Keras knows no other`,
    'Write it as another: saveModel(model, target, { implementation: 2 }), or 3, which takes less room',
  )
}
/** A weight, or what is kept beside one, in the form of an implementation. */
function asStored(layer, isKernel, array, implementation) {
  if (!(layer instanceof LocallyConnected) || !isKernel) return array
  if (implementation === undefined || implementation === layer.implementation) return array
  const shape = layer.kernelShape(implementation)
  const data = new Float32Array(sizeOf(shape))
  convertLocalKernel(data, implementation, array.data, layer.implementation, layer.geometry)
  return { name: array.name, shape, data }
}
function plainTraining(model, implementation) {
  const { compileOptions, optimizer } = model
  if (!compileOptions || !optimizer) return null
  const { loss, metrics: measured = [], weightedMetrics = [] } = compileOptions
  if (optimizer.iterations > 0) optimizer.build(model.trainableParameters, model.engine)
  const owners = model.layers.flatMap(layer =>
    layer.trainableParameters.map(weight => ({ layer, weight, isKernel: weight === layer.parameters[0] })),
  )
  const seen = {}
  const slots = optimizer.variables().map(({ name, shape, value }) => {
    const [, slot] = name.split('/')
    const n = (seen[slot] = (seen[slot] ?? -1) + 1)
    const { layer, weight, isKernel } = owners[n]
    const full = `${optimizer.name}/${slot}/${layer.name}/${weight.name}`
    return asStored(layer, isKernel, { name: full, shape, data: value }, implementation)
  })
  return {
    optimizer: { class_name: optimizer.className, config: toKeras(optimizer.getConfig()) },
    loss: serialized(loss ?? null, losses, Loss),
    metrics: measured.map(metric => serialized(metric, metrics, Metric)),
    weightedMetrics: weightedMetrics.map(metric => serialized(metric, metrics, Metric)),
    iterations: optimizer.iterations,
    slots,
  }
}
/** A name stays a name, in Keras' spelling: what it means is found by whoever reads it. */
function serialized(identifier, table, Class) {
  if (typeof identifier === 'string') return /^[a-z]/.test(identifier) ? toSnakeCase(identifier) : identifier
  return toKeras(identifier instanceof Class ? table.serialize(identifier) : identifier)
}
