import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Dense, LocallyConnected1D, Sequential, Tensor } from 'unshared'
import { loadModel, loadWeights, saveModel, saveWeights } from 'unshared/keras'

const model = new Sequential(
  [new LocallyConnected1D({ filters: 2, kernelSize: 2, inputShape: [4, 1] }), new Dense({ units: 1 })],
  { seed: 1 },
)
model.build([null, 4, 1])

type Answer = (response: ServerResponse) => void
const answers: Record<string, Answer> = {}
const server = createServer(({ url = '' }, response) => {
  const answer = answers[url.replace(/\?.*/, '')]
  if (answer) answer(response)
  else response.writeHead(404).end('<!DOCTYPE html><title>not found</title>')
})
let root = ''
beforeAll(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise(resolve => server.close(resolve)))

const send =
  (bytes: Uint8Array | string, type = 'application/octet-stream'): Answer =>
  response =>
    response.writeHead(200, { 'content-type': type }).end(bytes)

describe('http', () => {
  test.each(['h5', 'keras'] as const)('a whole model as .%s, whatever its content type', async format => {
    answers[`/model.${format}`] = send(await saveModel(model, { format }), 'text/html; charset=utf-8')
    for (const url of [`${root}/model.${format}`, new URL(`${root}/model.${format}?download=1`)])
      expect((await loadModel(url)).getWeights()).toEqual(model.getWeights())
  })

  test('a model.json and the shard beside it', async () => {
    const { modelJson, weights } = await saveModel(model, { format: 'tfjs' })
    answers['/tfjs/model.json'] = send(JSON.stringify(modelJson), 'application/json')
    answers['/tfjs/model.weights.bin'] = send(weights)
    const loaded = await loadModel(`${root}/tfjs/model.json?version=2/3#top`)
    expect(loaded.getWeights()).toEqual(model.getWeights())
    delete answers['/tfjs/model.weights.bin']
    await expect(loadModel(`${root}/tfjs/model.json`)).rejects.toThrow(
      /^source: expected a URL that can be fetched, received "status 404: .*model\.weights\.bin"$/,
    )
  })

  test.each(['h5', 'weights.h5', 'safetensors'] as const)('weights as %s', async format => {
    answers['/weights'] = send(await saveWeights(model, { format }))
    const other = await loadModel(await saveModel(model, { format: 'tfjs' }))
    other.setWeights(other.getWeights().map(({ shape }) => Tensor.zeros(shape)))
    await loadWeights(other, `${root}/weights`)
    expect(other.getWeights()).toEqual(model.getWeights())
  })

  test('a status that is no success names status and address', async () => {
    await expect(loadModel(`${root}/nothing.h5`)).rejects.toThrow(
      /^source: expected a URL that can be fetched, received "status 404: http:\/\/127\.0\.0\.1:\d+\/nothing\.h5"$/,
    )
  })

  test('a body that is cut is no model', async () => {
    const bytes = await saveModel(model, { format: 'h5' })
    const half = bytes.subarray(0, bytes.length / 2)
    answers['/told.h5'] = response => {
      response.writeHead(200, { 'content-length': bytes.length })
      response.write(half, () => response.destroy())
    }
    answers['/untold.h5'] = send(half)
    await expect(loadModel(`${root}/told.h5`)).rejects.toThrow(/^source: expected a URL that can be fetched/)
    await expect(loadModel(`${root}/untold.h5`)).rejects.toThrow(/^source: expected an intact HDF5 file/)
  })

  test('a page instead of the file is shown', async () => {
    answers['/login.h5'] = send('<!DOCTYPE html><title>log in</title>', 'application/x-hdf5')
    await expect(loadModel(`${root}/login.h5`)).rejects.toThrow(
      /^source: expected a \.h5, .*received "a file that begins with <!DOCTYPE html>/,
    )
  })

  test('a server that is not there', async () => {
    await expect(loadModel('http://127.0.0.1:1/model.h5')).rejects.toThrow(
      /^source: expected a URL that can be fetched, received ".*: http:\/\/127\.0\.0\.1:1\/model\.h5"$/,
    )
  })
})
