// Trainings that are killed at random moments, and started again until they end.

import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Random, stream } from '../../lib/core/random.ts'
import { bundle, ended, start } from './programs.ts'

const batches = 12 * 11 // of a training that is not killed

export interface Counts {
  /** Processes that were killed while they trained. */
  kills: number
  /** Those after a kill that went on from a backup in the middle of an epoch. */
  resumedWithinEpochs: number
  /** Trainings that ended with the same files, bit for bit, as one that was not killed. */
  same: number
  different: number
}

/** Kills until there are so many. */
export async function killTrainings(kills: number, saveFreqs: readonly string[]): Promise<Counts> {
  const program = await bundle('tests/node/programs/train.ts')
  const random = stream('kills', 'training')
  const whole = makeFolder()
  await run(program, whole, 'epoch', null)
  const counts: Counts = { kills: 0, resumedWithinEpochs: 0, same: 0, different: 0 }
  for (let training = 0; counts.kills < kills; training++) {
    const folder = makeFolder()
    const saveFreq = saveFreqs[training % saveFreqs.length]
    for (let goesOn = true; goesOn; ) {
      const dies = counts.kills < kills && random() < 0.8
      const { killed, resumed } = await run(program, folder, saveFreq, dies ? random : null)
      if (killed) counts.kills++
      if (resumed) counts.resumedWithinEpochs++
      goesOn = killed
    }
    if (isSame(folder, whole)) counts.same++
    else counts.different++
  }
  return counts
}

const makeFolder = () => mkdtempSync(join(tmpdir(), 'unshared-training-'))

/** One process. @param killer decides when it is killed; `null`: it isn't */
async function run(program: string, folder: string, saveFreq: string, killer: Random | null) {
  const child = start(program, folder, saveFreq)
  const end = ended(child)
  const last = killer ? 1 + Math.floor(killer() * batches) : Infinity
  const delay = killer ? 3 * killer() : 0
  let [seen, resumed] = [0, false]
  child.on('message', (message: { resumed: boolean }) => {
    resumed ||= message.resumed
    if (++seen === last) void wait(delay).then(() => child.kill('SIGKILL'))
  })
  const { code, signal, errors } = await end
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(`the training failed: ${errors}`)
  return { killed: signal === 'SIGKILL', resumed }
}

/** Whether two folders hold the same files. The backup is gone where a training has ended. */
function isSame(folder: string, other: string): boolean {
  const names = readdirSync(folder).sort()
  return (
    names.join() === 'best.safetensors,result,rows.csv' &&
    names.every(name => readFileSync(join(folder, name)).equals(readFileSync(join(other, name))))
  )
}
