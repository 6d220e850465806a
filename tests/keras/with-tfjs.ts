// The part of `npm run test:keras` with TensorFlow.js: it loads our model.json, and we load what it saves.

import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  Add,
  BatchNormalization,
  Concatenate,
  Conv2D,
  Dense,
  Flatten,
  input,
  LocallyConnected2D,
  MaxPooling2D,
  Model,
  Sequential,
  Tensor,
} from 'unshared'
import { loadModel, saveModel } from 'unshared/keras'
import { plain } from './keras-process.ts'

const program = resolve('tests/keras/tfjs')

/** Models of layers that TensorFlow.js knows, and one with the layer that tests/keras/tfjs registers. */
const models: Readonly<Record<string, () => Model>> = {
  'layers it knows': () =>
    new Sequential(
      [
        new Conv2D({ filters: 3, kernelSize: 3, activation: 'relu', padding: 'same', inputShape: [8, 7, 2] }),
        new BatchNormalization(),
        new MaxPooling2D({ poolSize: 2 }),
        new Flatten(),
        new Dense({ units: 4, activation: 'softmax', kernelRegularizer: 'l2' }),
      ],
      { seed: 3 },
    ),
  'a registered LocallyConnected2D': () =>
    new Sequential(
      [
        new LocallyConnected2D({
          filters: 3,
          kernelSize: [3, 2],
          strides: [1, 2],
          activation: 'tanh',
          inputShape: [8, 7, 2],
        }),
        new Flatten(),
        new Dense({ units: 2 }),
      ],
      { seed: 3 },
    ),
  'branches and a shared layer': () => {
    const x = input({ shape: [8, 7, 2] })
    const shared = new Conv2D({ filters: 2, kernelSize: 3, padding: 'same', activation: 'relu' })
    const left = new LocallyConnected2D({ filters: 2, kernelSize: 3 }).apply(x)
    const right = new MaxPooling2D({ poolSize: 3, strides: 1 }).apply(shared.apply(shared.apply(x)))
    const both = new Flatten().apply(new Concatenate().apply([left, right, new Add().apply([left, right])]))
    return new Model({ inputs: x, outputs: new Dense({ units: 3 }).apply(both), seed: 3 })
  },
  'models in models': () => {
    const end = input({ shape: [4] })
    const inner = new Model({ inputs: end, outputs: new BatchNormalization().apply(end), name: 'inner' })
    const first = new Sequential([new Flatten(), new Dense({ units: 4 })], { name: 'first' })
    const x = input({ shape: [8, 7, 2] })
    const once = inner.apply(first.apply(x))
    return new Model({ inputs: x, outputs: new Add().apply([once, inner.apply(once)]), seed: 3 })
  },
}

export interface TfjsRow {
  readonly name: string
  /** The largest difference of its predictions from ours, and of ours from what it saved. */
  readonly there: number
  readonly back: number
}

export async function withTfjs(folder: string, draw: (...shape: number[]) => Tensor): Promise<TfjsRow[]> {
  if (!existsSync(join(program, 'node_modules')))
    execFileSync('npm', ['ci', '--no-audit', '--no-fund'], {
      cwd: program,
      stdio: 'inherit',
      shell: process.platform === 'win32',
    })
  const rows: TfjsRow[] = []
  for (const [name, make] of Object.entries(models)) {
    const model = make()
    const x = draw(5, ...(model.inputShape as number[]).slice(1))
    const expected = await model.predict(x)
    await saveModel(model, join(folder, 'model.json'))
    writeFileSync(join(folder, 'x.json'), JSON.stringify(plain(x)))
    const out = join(folder, 'saved-by-tfjs')
    const printed = execFileSync(process.execPath, [join(program, 'main.js'), folder, out], {
      cwd: program,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const { version, y } = JSON.parse(printed.toString().trim().split('\n').at(-1) as string)
    const theirs = new Tensor(expected.shape, Float32Array.from(y as number[]))
    const back = await (await loadModel(join(out, 'model.json'))).predict(x)
    rows.push({
      name: `TensorFlow.js ${version}, ${name}`,
      there: largest(theirs, expected),
      back: largest(back, expected),
    })
  }
  return rows
}

/** The largest difference; infinite where there is a NaN, or another shape. */
export const largest = (a: Tensor, b: Tensor): number =>
  a.data.reduce(
    (most, v, i) => {
      const difference = Math.abs(v - b.data[i])
      return Number.isNaN(difference) ? Infinity : Math.max(most, difference)
    },
    a.shape.join() === b.shape.join() ? 0 : Infinity,
  )
