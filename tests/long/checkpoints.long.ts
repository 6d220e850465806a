import { type FSWatcher, mkdtempSync, readdirSync, rmSync, watch } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { stream } from 'unshared'
import { loadModel } from 'unshared/keras'
import { bundle, ended, start } from '../support/programs.ts'

const kills = 20

test.each(['.h5', '.keras'])(
  'of checkpoints (%s) whose writers were killed at 20 random moments, the old or the new one is there, whole',
  async ending => {
    const program = await bundle('tests/node/programs/save-forever.ts')
    const random = stream('kills', ending)
    const counts = { kills: 0, old: 0, new: 0, partsLeftBehind: 0 }
    for (; counts.kills < kills; counts.kills++) {
      const folder = mkdtempSync(join(tmpdir(), 'unshared-killed-'))
      const path = join(folder, `model${ending}`)
      const child = start(program, path)
      const end = ended(child)
      const killed = 1 + Math.floor(2 * random()) // which of its saves
      const moment = random()
      const kill = (milliseconds: number) => void wait(milliseconds * moment).then(() => child.kill('SIGKILL'))
      let last = 0
      child.on('message', ({ saving, milliseconds }: { saving: number; milliseconds: number }) => {
        last = saving
        if (saving !== killed) return
        if (counts.kills % 2) kill(1.25 * milliseconds)
        else
          watch(folder).once('change', function (this: FSWatcher) {
            this.close()
            kill(20) // while its bytes go to the disk
          })
      })
      expect(await end).toMatchObject({ signal: 'SIGKILL' })
      if (readdirSync(folder).length > 1) counts.partsLeftBehind++
      const model = await loadModel(path)
      const values = new Set(model.getWeights().flatMap(({ data }) => [...new Set(data)]))
      expect([[last - 1], [last]]).toContainEqual([...values])
      counts[values.has(last) ? 'new' : 'old']++
      rmSync(folder, { recursive: true })
    }
    process.stdout.write(`${ending}: ${JSON.stringify(counts)}\n`)
    expect(counts.old + counts.new).toBe(kills)
    expect(Math.min(counts.old, counts.partsLeftBehind)).toBeGreaterThan(0) // kills that came while it was written
  },
  300_000,
)
