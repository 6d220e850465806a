// The files of docs/command-line.md: a model that has learned the digits a little, and two of them.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encode } from 'fast-png'
import { Dense, Flatten, LocallyConnected2D, Sequential } from 'unshared'
import { oneHot } from 'unshared/data'
import { saveModel } from 'unshared/keras'
import { loadDigits } from '../../examples/digits/data.ts'

export async function writeDigits(folder: string): Promise<void> {
  const { images, labels } = loadDigits()
  const model = new Sequential(
    [
      new LocallyConnected2D({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 1] }),
      new Flatten(),
      new Dense({ units: 10, activation: 'softmax' }),
    ],
    { name: 'digits', seed: 1, engine: 'reference' },
  )
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
  await model.fit(images, oneHot(labels, 10), { epochs: 3, verbose: 0 })
  await saveModel(model, join(folder, 'digits.keras'))
  const two = images.slice(0, 2)
  const rows = [0, 1].map(i => two.data.subarray(64 * i, 64 * (i + 1)))
  writeFileSync(join(folder, 'two.csv'), rows.map(row => `${row.join(',')}\n`).join(''))
  const pixels = Uint8Array.from(rows[0], v => Math.round(255 * v))
  writeFileSync(join(folder, 'zero.png'), encode({ width: 8, height: 8, data: pixels, channels: 1, depth: 8 }))
}
