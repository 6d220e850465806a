// The promises of docs/security.md about sources: limits of bytes and time, signals, and what a manifest may name.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Dense, Sequential, Tensor } from 'unshared'
import { loadModel, loadWeights, type ModelSource, saveModel } from 'unshared/keras'

const model = new Sequential([new Dense({ units: 2, inputShape: [3] })], { seed: 1 })
const folder = mkdtempSync(join(tmpdir(), 'unshared-limits-'))
const asked: string[] = []
const isBeside = (url: string) => !url.endsWith('.h5') // requests of tests before may come late
const answers: Record<string, (response: ServerResponse) => void> = {}
const server = createServer(({ url = '' }, response) => {
  asked.push(url)
  const answer = answers[url]
  if (answer) answer(response)
  else response.writeHead(404).end()
})
let root = ''
beforeAll(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true })
})

describe('bytes', () => {
  test('a server that sends without end', async () => {
    let sent = 0
    answers['/endless.h5'] = response => {
      const more = () => {
        while (!response.destroyed && response.write(new Uint8Array(2 ** 16))) sent += 2 ** 16
      }
      response.on('drain', more)
      more()
    }
    await expect(loadModel(`${root}/endless.h5`, { maxBytes: 2 ** 22 })).rejects.toThrow(
      /^source: expected at most 4194304 bytes, received "more"\. The option maxBytes sets the limit$/,
    )
    expect(sent).toBeLessThan(2 ** 25)
  })

  test('a file, bytes, a Blob, one that says less than it has, and the parts of a model.json', async () => {
    const bytes = await saveModel(model, { format: 'h5' })
    const parts = await saveModel(model, { format: 'tfjs' })
    writeFileSync(join(folder, 'model.h5'), bytes)
    await saveModel(model, join(folder, 'model.json'))
    const sources: readonly (readonly [ModelSource, number])[] = [
      [join(folder, 'model.h5'), bytes.length],
      [bytes, bytes.length],
      [bytes.slice().buffer, bytes.length],
      [new Blob([bytes.slice()]), bytes.length],
      [{ size: 1, arrayBuffer: async () => bytes.slice().buffer }, bytes.length],
      [{ size: Number.NaN, arrayBuffer: async () => bytes.slice().buffer }, bytes.length],
      [parts, JSON.stringify(parts.modelJson).length + parts.weights.length],
      [join(folder, 'model.json'), JSON.stringify(parts.modelJson).length + parts.weights.length],
    ]
    const other = new Sequential([new Dense({ units: 2, inputShape: [3] })], { seed: 2 })
    const before = other.getWeights()
    for (const [source, size] of sources) {
      expect((await loadModel(source, { maxBytes: size })).getWeights()).toEqual(model.getWeights())
      await expect(loadModel(source, { maxBytes: size - 1 })).rejects.toThrow(/^source: expected at most \d+ bytes/)
      await expect(loadWeights(other, source, { maxBytes: size - 1 })).rejects.toThrow(/^source: expected at most \d+/)
    }
    expect(other.getWeights()).toEqual(before)
  })
})

test.each([
  [
    'Dense',
    { units: 100 },
    /^layer 0 \(big\), Dense: weights: expected at most the 8 numbers in the file, received "more"/,
  ],
  [
    'UpSampling1D',
    { size: 1e7 },
    /^layer 0 \(big\), UpSampling1D: output: expected at most 16777216 numbers for a sample/,
  ],
])('a config that asks for more than the file has numbers for, or for an output of gigabytes: %s', async (...args) => {
  const [class_name, options, message] = args
  const { modelJson, weights } = await saveModel(model, { format: 'tfjs' })
  const config = { name: 'big', batch_input_shape: [null, 3, 1], ...options }
  const model_config = { class_name: 'Sequential', config: { name: 'm', layers: [{ class_name, config }] } }
  await expect(
    loadModel({ modelJson: { ...modelJson, modelTopology: { model_config } } as never, weights }),
  ).rejects.toThrow(message)
})

describe('time and signals', () => {
  const endless = (): ModelSource => ({ size: 1, arrayBuffer: () => new Promise(() => {}) })
  beforeAll(() => {
    answers['/silent.h5'] = () => {}
    answers['/stalled.h5'] = response => void response.write('x')
  })

  test('a server that never answers, one that never finishes, a Blob that never comes', async () => {
    for (const source of [`${root}/silent.h5`, `${root}/stalled.h5`, endless()])
      await expect(loadModel(source, { timeout: 50 })).rejects.toThrow(
        /^source: expected an end within 50 ms, received "no end"\. The option timeout sets the limit$/,
      )
  })

  test('a signal stops at any moment, with its reason; weights stay', async () => {
    const bytes = await saveModel(model, { format: 'h5' })
    const other = new Sequential([new Dense({ units: 2, inputShape: [3] })], { seed: 2 })
    const before = other.getWeights()
    for (const source of [`${root}/silent.h5`, `${root}/stalled.h5`, endless(), bytes]) {
      const reason = new Error('enough')
      await expect(loadModel(source, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
      const controller = new AbortController()
      const loading = loadWeights(other, source, { signal: controller.signal })
      controller.abort(reason)
      await expect(loading).rejects.toBe(reason)
    }
    expect(other.getWeights()).toEqual(before)
  })

  test.each([
    [{ maxBytes: 0 }, /^maxBytes: expected a positive integer/],
    [{ timeout: 2 ** 31 }, /^timeout: expected at most 2147483647 ms/],
    [{ timeout: -1 }, /^timeout: expected a positive integer/],
    [{ signal: 5 }, /^signal: expected an AbortSignal, received 5/],
  ])('%j is refused', async (options, message) => {
    await expect(loadModel(new Uint8Array(1), options as never)).rejects.toThrow(message)
  })
})

describe('what a manifest names', () => {
  const outside = [
    ...[
      '../secret.bin',
      'a/../../secret.bin',
      '..\\secret.bin',
      '%2e%2e/secret.bin',
      '.%2E/secret.bin',
      '..%2fsecret.bin',
    ],
    ...['..%5Csecret.bin', '/secret.bin', '//host/secret.bin', 'http://127.0.0.1/secret.bin', 'file:///etc/passwd'],
    ...['data:,x', 'C:\\secret.bin', '..;/secret.bin', '.\t./secret.bin', '\n../secret.bin', ' ../secret.bin', 'a\0b'],
  ]
  const named = async (path: string) => {
    const { modelJson } = await saveModel(model, { format: 'tfjs' })
    const [{ weights }] = modelJson.weightsManifest as [{ weights: object[] }]
    return JSON.stringify({ ...modelJson, weightsManifest: [{ paths: [path], weights }] })
  }

  test('stays in the folder of a path, and below the path of a URL', async () => {
    mkdirSync(join(folder, 'in'), { recursive: true })
    writeFileSync(join(folder, 'secret.bin'), new Uint8Array(32))
    for (const path of outside) {
      const json = await named(path)
      writeFileSync(join(folder, 'in', 'model.json'), json)
      answers['/in/model.json'] = response => response.end(json)
      asked.length = 0
      for (const source of [join(folder, 'in', 'model.json'), `${root}/in/model.json`])
        await expect(loadModel(source)).rejects.toThrow(
          /^weightsManifest\[0\]: expected paths within the model's folder/,
        )
      expect(asked.filter(isBeside)).toEqual(['/in/model.json'])
    }
  })

  test('is not sent on by a server', async () => {
    const { weights } = await saveModel(model, { format: 'tfjs' })
    const json = await named('weights.bin')
    answers['/in/model.json'] = response => response.end(json)
    answers['/in/weights.bin'] = response => response.writeHead(302, { location: '/secret.bin' }).end()
    answers['/secret.bin'] = response => response.end(weights)
    asked.length = 0
    await expect(loadModel(`${root}/in/model.json`)).rejects.toThrow(
      /^source: expected a URL that can be fetched.*redirect/,
    )
    expect(asked.filter(isBeside)).toEqual(['/in/model.json', '/in/weights.bin'])
  })

  test('is no link out of the folder, and nothing but a file; a folder of links to another one is read', async () => {
    const { modelJson, weights } = await saveModel(model, { format: 'tfjs' })
    const at = (...names: string[]) => join(folder, 'links', ...names)
    for (const name of ['cache', 'links', 'pipes/weights.bin']) mkdirSync(at(name), { recursive: true })
    const json = JSON.stringify(modelJson)
    writeFileSync(at('cache', '1'), json)
    writeFileSync(at('cache', '2'), weights)
    symlinkSync('../cache/1', at('links', 'model.json'))
    symlinkSync('../cache/2', at('links', 'model.weights.bin'))
    expect((await loadModel(at('links', 'model.json'))).getWeights()).toEqual(model.getWeights())
    rmSync(at('links', 'model.json'))
    writeFileSync(at('links', 'model.json'), json)
    await expect(loadModel(at('links', 'model.json'))).rejects.toThrow(
      /^source: expected weights files in the folder of .*received "a link out of it: model\.weights\.bin"$/,
    )
    writeFileSync(at('pipes', 'model.json'), await named('weights.bin'))
    await expect(loadModel(at('pipes', 'model.json'))).rejects.toThrow(
      /^source: expected a readable file, received "a folder/,
    )
  })

  test('a URL that redirects the model itself is followed', async () => {
    const { modelJson, weights } = await saveModel(model, { format: 'tfjs' })
    answers['/old/model.json'] = response => response.writeHead(302, { location: '/new.json' }).end()
    answers['/new.json'] = response => response.end(JSON.stringify(modelJson))
    answers['/old/model.weights.bin'] = response => response.end(weights)
    const loaded = await loadModel(`${root}/old/model.json`)
    expect(await loaded.predict(Tensor.zeros([1, 3]))).toEqual(await model.predict(Tensor.zeros([1, 3])))
  })
})

test('a model.json given as an object: one that contains itself, is too deep, or is no object', async () => {
  const { weights } = await saveModel(model, { format: 'tfjs' })
  const cyclic: Record<string, unknown> = {}
  cyclic.modelTopology = cyclic
  let deep: unknown = 1
  for (let i = 0; i < 20_000; i++) deep = { a: deep }
  for (const modelJson of [cyclic, deep, { format: 1n }, [], 5, null, () => 1])
    await expect(loadModel({ modelJson, weights } as never)).rejects.toThrow(
      /^source\.modelJson: expected the text of a model\.json, or its object/,
    )
})
