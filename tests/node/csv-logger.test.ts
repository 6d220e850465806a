import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { Dense, Sequential, Tensor } from 'unshared'
import { CSVLogger, type CSVLoggerOptions } from 'unshared/node'

const data = [Tensor.from([[1], [2]]), Tensor.from([[2], [4]])] as const
const makeFile = () => join(mkdtempSync(join(tmpdir(), 'unshared-csv-')), 'deep', 'rows.csv')

async function train(options: CSVLoggerOptions | CSVLogger, initialEpoch = 0) {
  const model = new Sequential([new Dense({ units: 1, inputShape: [1] })], { seed: 1 })
  model.compile({ optimizer: 'sgd', loss: 'mse', metrics: ['mae'] })
  const callbacks = [options instanceof CSVLogger ? options : new CSVLogger(options)]
  return model.fit(...data, { initialEpoch, epochs: initialEpoch + 2, verbose: 0, callbacks })
}

test('a row for every epoch, with names in the order of letters', async () => {
  const filename = makeFile()
  const { history } = await train({ filename, separator: ';' })
  const rows = history.loss.map((loss, epoch) => `${epoch};${loss};${history.mae[epoch]}\n`)
  expect(readFileSync(filename, 'utf8')).toBe(`epoch;loss;mae\n${rows.join('')}`)
})

test('starts anew, or goes on below what is there', async () => {
  const filename = makeFile()
  await train({ filename, append: true })
  const first = readFileSync(filename, 'utf8')
  await train({ filename })
  expect(readFileSync(filename, 'utf8')).toBe(first)
  await train({ filename, append: true }, 2)
  const lines = readFileSync(filename, 'utf8').trimEnd().split('\n')
  expect(lines.map(line => line.split(',')[0])).toEqual(['epoch', '0', '1', '2', '3'])
})

test('refuses a name that is none', () => {
  expect(() => new CSVLogger({ filename: '' })).toThrow(/^filename: expected a non-empty path/)
  expect(() => new CSVLogger({ file: 'a' } as never)).toThrow(/^CSVLogger, option: expected one of filename/)
})

test('can be used again', async () => {
  const filename = makeFile()
  const logger = new CSVLogger({ filename })
  await train(logger)
  const first = readFileSync(filename, 'utf8')
  await train(logger)
  expect(readFileSync(filename, 'utf8')).toBe(first)
})
