import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { type Callback, Dense, type Progress, Sequential, Tensor, type TrainingState } from 'unshared'
import { BackupAndRestore } from 'unshared/node'
import { toSafetensors } from '../../lib/keras/safetensors.ts'
import { decodeState, encodeState } from '../../lib/node/state-file.ts'
import { killTrainings } from '../support/kills.ts'

const folder = () => join(mkdtempSync(join(tmpdir(), 'unshared-backup-')), 'deep', 'backup')
const data = [Tensor.from([[1], [2], [3], [4]]), Tensor.from([[2], [4], [6], [8]])] as const
function make(optimizer: 'sgd' | 'adam' = 'sgd') {
  const model = new Sequential([new Dense({ units: 1, inputShape: [1] })], { seed: 1 })
  model.compile({ optimizer, loss: 'mse' })
  return model
}
const options = { epochs: 4, batchSize: 1, verbose: 0 } as const

/** Fails at a batch of an epoch. */
function failAt(epoch: number, batch: number): Callback {
  let now = 0
  return {
    onEpochBegin(begun) {
      now = begun
    },
    onTrainBatchBegin(begun) {
      if (now === epoch && begun === batch) throw new Error('stopped')
    },
  }
}

const told = (): Callback & { seen: string[] } => {
  let epoch = 0
  const seen: string[] = []
  return {
    seen,
    onEpochBegin(begun) {
      epoch = begun
    },
    onTrainBatchBegin: batch => void seen.push(`${epoch}.${batch}`),
  }
}

test('a training that was killed ends with the same bits, whenever that was', async () => {
  const counts = await killTrainings(4, ['epoch', '2'])
  expect(counts).toMatchObject({ kills: 4, different: 0 })
  expect(counts.resumedWithinEpochs).toBeGreaterThan(0)
}, 120_000)

test('after a failure the epoch begins anew, and the whole history comes back', async () => {
  const backupDir = folder()
  const whole = make()
  const expected = await whole.fit(...data, options)
  const failing = [failAt(2, 1), new BackupAndRestore({ backupDir })]
  await expect(make().fit(...data, { ...options, callbacks: failing })).rejects.toThrow('stopped')
  expect(readdirSync(backupDir)).toEqual(['training.safetensors'])
  const [model, watch] = [make(), told()]
  const found = await model.fit(...data, { ...options, callbacks: [new BackupAndRestore({ backupDir }), watch] })
  expect(watch.seen[0]).toBe('2.0')
  expect(found).toEqual(expected)
  expect(model.getWeights()).toEqual(whole.getWeights())
  expect(readdirSync(join(backupDir, '..'))).toEqual([]) // the folder is gone too
})

test('with a number, it goes on behind the last batch that was kept', async () => {
  const backupDir = folder()
  const backup = () => new BackupAndRestore({ backupDir, saveFreq: 3 })
  const callbacks = [failAt(1, 3), backup()]
  await expect(make().fit(...data, { ...options, callbacks })).rejects.toThrow('stopped')
  const watch = told()
  await make().fit(...data, { ...options, callbacks: [backup(), watch] })
  expect(watch.seen.slice(0, 3)).toEqual(['1.2', '1.3', '2.0'])
})

test('a backup that is kept lets more epochs follow', async () => {
  const backupDir = folder()
  const backup = () => new BackupAndRestore({ backupDir, deleteCheckpoint: false })
  await make().fit(...data, { ...options, epochs: 2, callbacks: [backup()] })
  const watch = told()
  const { epoch } = await make().fit(...data, { ...options, callbacks: [backup(), watch] })
  expect([watch.seen[0], epoch]).toEqual(['2.0', [0, 1, 2, 3]])
  const again = await make().fit(...data, { ...options, callbacks: [backup()] })
  expect(again.epoch).toEqual([0, 1, 2, 3])
})

test('the folder stays where it holds something else', async () => {
  const backupDir = folder()
  mkdirSync(backupDir, { recursive: true })
  writeFileSync(join(backupDir, 'mine'), '')
  await make().fit(...data, { ...options, callbacks: [new BackupAndRestore({ backupDir })] })
  expect(readdirSync(backupDir)).toEqual(['mine'])
})

describe('what is refused', () => {
  test('options that say nothing', () => {
    expect(() => new BackupAndRestore({ backupDir: '' })).toThrow(/^backupDir: expected a non-empty path/)
    expect(() => new BackupAndRestore({ backupDir: 'a', saveFreq: 0 })).toThrow(/^saveFreq: expected a positive/)
    const wrong = { backupDir: 'a', saveBeforePreemption: true } as never
    expect(() => new BackupAndRestore(wrong)).toThrow(/^BackupAndRestore, option: expected one of/)
  })

  test('the backup of another training, which stays as it is', async () => {
    const backupDir = folder()
    const backup = () => new BackupAndRestore({ backupDir, deleteCheckpoint: false })
    await make().fit(...data, { ...options, callbacks: [backup()] })
    const bytes = readFileSync(join(backupDir, 'training.safetensors'))
    const other = make('adam')
    const before = other.getWeights()
    await expect(other.fit(...data, { ...options, callbacks: [backup()] })).rejects.toThrow(
      /^the state to resume, optimizer.className: expected "Adam", as here, received "SGD". To start over/,
    )
    expect(other.getWeights()).toEqual(before)
    expect(readFileSync(join(backupDir, 'training.safetensors'))).toEqual(bytes)
  })

  test.each([
    ['an empty file', new Uint8Array(), /0 bytes/],
    ['a part of a file', toSafetensors({ a: Tensor.from([1]) }).subarray(0, 20), /a header of \d+ bytes/],
    ['another safetensors file', toSafetensors({ a: Tensor.from([1]) }), /received "another file, version none"/],
    [
      'a file of a later version',
      toSafetensors({}, { format: 'unshared training state', version: '3' }),
      /expected an unshared training state, version 2, received "unshared training state, version 3". Remove/,
    ],
  ])('%s', async (_, bytes, message) => {
    const backupDir = folder()
    mkdirSync(backupDir, { recursive: true })
    writeFileSync(join(backupDir, 'training.safetensors'), bytes)
    const fit = make().fit(...data, { ...options, callbacks: [new BackupAndRestore({ backupDir })] })
    await expect(fit).rejects.toThrow(message)
  })
})

test('a state comes back from its file as it was, with numbers that JSON lacks', async () => {
  let kept: TrainingState | null = null
  const callback: Callback = {
    onProgress(progress: Progress) {
      kept = progress.state()
    },
    getState: () => ({ $tensor: [Number.NaN, -0, 'a'], $number: { $$x: -Infinity }, weights: [Tensor.from([1])] }),
  }
  await make('adam').fit(...data, { ...options, callbacks: [callback] })
  const state = kept as unknown as TrainingState
  expect(state.callbacks[0].state).toHaveProperty('weights')
  expect(decodeState(encodeState(state), 'file')).toStrictEqual(state)
  const bytes = encodeState(state)
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    bytes[bit >> 3] ^= 1 << (bit & 7)
    expect(() => decodeState(bytes, 'file')).toThrow(/^file: expected an unshared training state.*Remove file to start/)
    bytes[bit >> 3] ^= 1 << (bit & 7)
  }
})
