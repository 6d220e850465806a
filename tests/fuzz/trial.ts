// One call of the public surface: what came of it on both engines, how long it took, and what it left behind.

import * as unshared from 'unshared'
import * as data from 'unshared/data'
import * as keras from 'unshared/keras'
import * as ndarray from 'unshared/ndarray'
import * as node from 'unshared/node'
import * as plot from 'unshared/plot'
import * as research from 'unshared/research'
import * as teaching from 'unshared/teaching'
import { samples } from '../support/layer-samples.ts'
import type { Target } from './surface.ts'
import { built, type Call, graphModel, model, required } from './values.ts'

export interface Outcome {
  readonly end: 'named error' | 'result' | 'fault'
  readonly message: string
}

type Callable = (...given: unknown[]) => unknown
type Class = new (...given: unknown[]) => object
const modules: Record<string, Record<string, unknown>> = {
  'lib/index.ts': unshared,
  'lib/data/index.ts': data,
  'lib/ndarray/index.ts': ndarray,
  'lib/keras/index.ts': keras,
  'lib/node/index.ts': node,
  'lib/plot/index.ts': plot,
  'lib/research/index.ts': research,
  'lib/teaching/index.ts': teaching,
}

const exported = ({ entry, name }: Target) => modules[entry][name]

/** Parameters of these types the library makes itself; its own objects have other ways in. */
const machineRoom =
  /^(Block|Call|Engine|Region|Parameter|BuildContext|Surroundings|RandomStream|Pass|Progress|TrainingState)$/

/** Classes of which the library makes all objects. */
const ownObjects =
  /^(SymbolicTensor|OptimizerVariable|Parameter|ReferenceEngine|ArgumentError|StateError|CallbackError)$/

/** Methods that the library calls, with values that it made: see docs/own-layer.md. */
const contract = new Set([
  'forwardInto',
  'backwardInto',
  'prepare',
  'weightsFor',
  'passesThrough',
  'macsFor',
  'plannedSize',
  'assertSuits',
  'rename',
  'unbuild',
  'suits',
  'checkShapes',
  'afterActivation',
  'update',
  'captureStackTrace',
  'prepareStackTrace',
  'assertRunFits',
  'reserve',
  'kernel',
  'region',
  'runs',
  'setParams',
  'setModel',
  'setState',
  'resumeFrom',
  'onProgress',
])

/** Whether users call the target with values of their own. */
export function isForUsers(target: Target): boolean {
  const value = exported(target)
  if (value === undefined || ownObjects.test(target.name) || (target.member !== null && contract.has(target.member)))
    return false
  return !target.parameters.some(
    ({ type, name }) =>
      type.kind === 'named' && (machineRoom.test(type.name) || (type.name === 'Float32Array' && name !== 'data')),
  )
}

/** Valid arguments of a constructor. */
function argumentsOf({ name, entry }: Target): unknown[] {
  if (name === 'LearningRateScheduler') return [() => 0.1]
  if (name === 'CSVLogger') return [entry === 'lib/node/index.ts' ? { filename: 'some.csv' } : { write() {} }]
  if (name === 'Lambda') return [{ function: identity }]
  if (name === 'Feedback' || name === 'SheetSmoothness')
    return [{ layer: new unshared.LocallyConnected2D({ filters: 4, kernelSize: 3 }) }]
  if (name === 'ShareWeights') return [{ every: 1 }]
  if (name === 'TimeDistributed') return [{ layer: new unshared.Dense({ units: 2 }) }]
  if (name === 'Model') return [{ ...branches(), seed: 1 }]
  if (name === 'BackupAndRestore') return [{ backupDir: 'backup' }]
  if (name === 'ModelCheckpoint') return [{ filepath: 'some.json' }]
  return [structuredClone(required[name] ?? {})]
}

const identity = {
  forward: (y: unshared.Tensor, [x]: readonly unshared.Tensor[]) => y.data.set(x.data),
  backward: ([dx]: readonly unshared.Tensor[], dy: unshared.Tensor) => dx.data.set(dy.data),
}

/** The ends of a small graph. */
function branches() {
  const inputs = unshared.input({ shape: [4] })
  const sides = [1, 2].map(n =>
    new unshared.Dense({ units: 2, kernelInitializer: 'ones', name: `side${n}` }).apply(inputs),
  )
  return { inputs, outputs: new unshared.Add().apply(sides) }
}

/** The shapes of samples of layers that hold others. */
const shapes: Record<string, number[]> = { TimeDistributed: [3, 4], Feedback: [5, 6, 2] }

/** The object that a method is called on. */
function receiverOf(target: Target): object | null {
  const value = exported(target)
  if (target.how === 'static') return value as object
  if (target.how !== 'method' && target.how !== 'set') return null
  if (typeof value !== 'function') return value as object
  if (target.name === 'Sequential') return model()
  if (target.name === 'Model') return graphModel()
  if (target.name === 'Tensor')
    return unshared.Tensor.from([
      [1, 2],
      [3, 4],
    ])
  const [sample] = Object.hasOwn(samples, target.name) ? samples[target.name] : []
  const made = new (value as Class)(...argumentsOf(target))
  if ('setModel' in made) (made.setModel as Callable)(model())
  const inputShape = sample?.inputShape ?? shapes[target.name] ?? null
  return inputShape && made instanceof unshared.Layer ? built(made, inputShape) : made
}

async function run(target: Target, receiver: object | null, given: unknown[]): Promise<unknown> {
  const { member, how } = target
  const value = exported(target)
  if (how === 'construct') return use(new (value as Class)(...given))
  if (how === 'call') return settled((value as Callable)(...given))
  if (how !== 'set') return settled((receiver as Record<string, Callable>)[member as string](...given))
  ;(receiver as Record<string, unknown>)[member as string] = given[0]
  return null
}

/** Awaits promises, and takes some of what generators yield. */
async function settled(result: unknown): Promise<unknown> {
  const value = await result
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !('next' in value)) return value
  const taken: unknown[] = []
  for (const item of value as unknown as Iterable<unknown>) if (taken.push(item) > 4) break
  return taken
}

/** A new object does what it is for: its options must hold then, too. */
function use(made: object): unknown {
  const x = [
    [0.1, 0.2],
    [0.7, -0.5],
    [1, 0],
  ]
  const y = [
    [0, 1],
    [1, 0],
    [0.5, 0.5],
  ]
  if (made instanceof unshared.Layer) {
    const shapes = [[2], [4, 3], [4, 4, 2], ...(samples[made.className] ?? []).map(({ inputShape }) => inputShape)]
    const shape = shapes.find(inputShape => {
      try {
        made.computeOutputShape([null, ...inputShape])
        return true
      } catch {
        return false
      }
    })
    if (!shape) return made
    built(made, shape)
    return [made, made.forward(unshared.Tensor.zeros([2, ...shape]))]
  }
  if (made instanceof unshared.Loss)
    return [
      made,
      made.compute(
        y,
        x.map(row => row.map(Math.abs)),
      ),
      made.gradient(
        y,
        x.map(row => row.map(Math.abs)),
      ),
    ]
  if (made instanceof unshared.Metric) {
    if (made.constructor.name === 'Mean' || made.constructor.name === 'Sum') return made
    made.resetState()
    return made
  }
  if (made instanceof unshared.Optimizer) {
    const trained = model()
    trained.compile({ optimizer: made, loss: 'mse' })
    trained.trainOnBatch([[1, 2, 3, 4]], [[0, 1]])
    return [made.getConfig(), trained.getWeights()]
  }
  if ('at' in made) return [0, 1, 7, 100].map(step => (made as unshared.LearningRateSchedule).at(step))
  if ('initialize' in made)
    return built2(new unshared.Dense({ units: 3, kernelInitializer: made as unshared.Initializer }))
  if ('penalty' in made) return trainedWith({ kernelRegularizer: made as unshared.Regularizer })
  if ('apply' in made) return trainedWith({ kernelConstraint: made as unshared.Constraint })
  return made
}

function built2(layer: unshared.Layer): unknown {
  const made = new unshared.Sequential([layer], { seed: 1 })
  made.build([null, 4])
  return made.getWeights()
}

function trainedWith(options: object): unknown {
  const trained = new unshared.Sequential([new unshared.Dense({ units: 2, ...options })], { seed: 1 })
  trained.compile({ optimizer: 'sgd', loss: 'mse' })
  const logs = trained.trainOnBatch([[1, 2, 3, 4]], [[0, 1]])
  return [logs, trained.getWeights()]
}

// ---- What came of it ----------------------------------------------------------------------------------------------

/** Everything that can be told of a value, as text: numbers to the last bit. */
export function digest(value: unknown, depth = 0): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? 'function' : String(value)
  if (depth > 8) return '…'
  const deeper = (item: unknown) => digest(item, depth + 1)
  if (value instanceof unshared.Tensor) return `Tensor[${value.shape}](${Array.from(value.data, deeper)})`
  if (ArrayBuffer.isView(value)) return `[${Array.from(value as Float32Array, deeper)}]`
  if (value instanceof unshared.Model)
    return deeper([
      value.getConfig(),
      value.built ? value.getWeights() : [],
      value.trainable,
      value.optimizer?.variables().map(v => v.read()) ?? null,
    ])
  if (value instanceof unshared.Layer) return deeper([value.getConfig(), value.getWeights(), value.built])
  if (value instanceof unshared.Optimizer)
    return deeper([value.getConfig(), value.iterations, value.variables().map(v => v.read())])
  if (value instanceof unshared.Metric) return deeper([value.getConfig(), value.state()])
  if ('getConfig' in value && typeof value.getConfig === 'function') return deeper(value.getConfig())
  if (Array.isArray(value)) return `[${value.map(deeper).join(', ')}]`
  if (value instanceof Map) return deeper([...value])
  return `{${Object.entries(value)
    .map(([key, item]) => `${key}: ${deeper(item)}`)
    .join(', ')}}`
}

/** An error of the library, of the file system (documented, with its code), or the reason of a signal. */
const named = (error: unknown, call: Call): boolean =>
  error instanceof unshared.ArgumentError ||
  error instanceof unshared.StateError ||
  error instanceof unshared.CallbackError ||
  (/node|keras/.test(call.target.entry) && /^E[A-Z]+$/.test((error as NodeJS.ErrnoException | null)?.code ?? '')) ||
  /"aborted": true|class \{\}/.test(call.text) // the reason of a signal, and what a user's function throws

/** Their results hold times, numbered names, or a name that is taken the second time. */
const differs = new Set([
  'input',
  'setEngineDefaults',
  'benchmarkImplementations',
  'register',
  'saveModel',
  'saveWeights',
])

interface Ending {
  readonly error: unknown
  readonly failed: boolean
  readonly text: string
  readonly change: string | null
}

async function endOn(engine: unshared.EngineName, call: Call): Promise<Ending> {
  unshared.setEngineDefaults({ engine, threads: 1 })
  const receiver = receiverOf(call.target)
  const given = call.arguments.map(({ make }) => make())
  const before = receiver && digest(receiver)
  try {
    const result = await run(call.target, receiver, given)
    return { error: null, failed: false, text: digest(result), change: null }
  } catch (error) {
    const after = receiver && digest(receiver)
    const text = error instanceof Error ? `${error.name}: ${error.message}` : digest(error)
    return {
      error,
      failed: true,
      text,
      change: before === after ? null : `the receiver changed: ${before} -> ${after}`,
    }
  } finally {
    unshared.setEngineDefaults({})
  }
}

const pollution = () => Object.keys(Object.prototype).join()

/** @returns what is wrong with the ending, or `null` */
function faultOf(call: Call, { error, failed, text, change }: Ending): string | null {
  if (failed && !named(error, call)) return text
  if (failed && error instanceof unshared.ArgumentError && !/^[^:]+.*: expected .+, received /s.test(error.message))
    return text
  if (change) return `${text}; ${change}`
  const isExtreme = call.arguments.some(each => each.isExtreme)
  if (
    !failed &&
    !isExtreme &&
    call.arguments.length > 0 &&
    !/^(result|getState|state)$/.test(call.target.member ?? '') &&
    /\b(NaN|Infinity)\b/.test(text.replace(/\bbest: -?Infinity/g, '')) // a callback's, before its first epoch
  )
    return `NaN or infinity: ${text.slice(0, 200)}`
  return null
}

export async function trial(call: Call): Promise<Outcome> {
  const reference = await endOn('reference', call)
  const simd = await endOn('simd', call)
  const fault = faultOf(call, reference) ?? faultOf(call, simd)
  if (fault) return { end: 'fault', message: fault }
  if (pollution() !== '') return { end: 'fault', message: `Object.prototype has ${pollution()}` }
  const { member, name } = call.target
  if (reference.text !== simd.text && !differs.has(member ?? name))
    return { end: 'fault', message: `engines differ: ${reference.text.slice(0, 200)} | ${simd.text.slice(0, 200)}` }
  return { end: reference.failed ? 'named error' : 'result', message: reference.text.slice(0, 200) }
}
