// The program `unshared`, built, as processes.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { encode } from 'fast-png'
import { zlibSync } from 'fflate'
import { Dense, Flatten, input, LocallyConnected2D, Model, Sequential, type SymbolicTensor, Tensor } from 'unshared'
import { fromNpy, fromNpz, toNpy, toNpz } from 'unshared/data'
import { loadModel, saveModel, saveWeights } from 'unshared/keras'
import { crc32 } from '../../lib/files/archive.ts'
import { bytesOf } from '../../lib/files/bytes.ts'
import { buildProgram, type Run, removeProgram, runProgram, startProgram } from '../support/command-line.ts'
import { randomTensor } from '../support/geometries.ts'

const folder = mkdtempSync(join(tmpdir(), 'unshared-command-line-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
  removeProgram()
})

const digits = new Sequential(
  [
    new LocallyConnected2D({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 1] }),
    new Flatten(),
    new Dense({ units: 10, activation: 'softmax' }),
  ],
  { name: 'digits', seed: 1 },
)
digits.build([null, 8, 8, 1])
const x = randomTensor('digits', 3, 8, 8, 1)
const expected = digits.forward(x)

const [left, right] = [input({ shape: [3], name: 'left' }), input({ shape: [2], name: 'right' })]
const sum = new Dense({ units: 2, name: 'sum' }).apply(left)
const product = new Dense({ units: 1, name: 'product' }).apply(right)
const two = new Model<readonly SymbolicTensor[]>({ inputs: [left, right], outputs: [sum, product], seed: 2 })
const pair = [randomTensor('left', 4, 3), randomTensor('right', 4, 2)]

const write = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content)
const read = (name: string) => new Uint8Array(readFileSync(join(folder, name)))
const run = (...args: string[]) => runProgram(folder, args)
const textOf = ({ stdout }: Run) => stdout.toString()

const csvOf = (tensor: Tensor) => {
  const size = tensor.size / tensor.shape[0]
  return Array.from({ length: tensor.shape[0] }, (_, i) => [...tensor.data.subarray(i * size, (i + 1) * size)].join())
}

beforeAll(async () => {
  await buildProgram()
  write('digits.h5', await saveModel(digits, { format: 'h5' }))
  write('digits.safetensors', await saveWeights(digits, { format: 'safetensors' }))
  write('two.keras', await saveModel(two, { format: 'keras' }))
  write('x.npy', toNpy(x))
  write('x.csv', `${Array.from({ length: 64 }, (_, i) => `pixel ${i}`)}\n${csvOf(x).join('\n')}\n`)
  write('x.json', JSON.stringify(x.toArray()))
  write('pair.npz', await toNpz({ left: pair[0], right: pair[1] }))
  write('pair.json', JSON.stringify({ right: pair[1].toArray(), left: pair[0].toArray() }))
}, 60_000)

/** Exactly the numbers: they are printed so that float32 gives them again. */
function expectNumbers(found: Tensor, numbers: Tensor): void {
  expect(found.shape).toEqual(numbers.shape)
  expect([...found.data]).toEqual([...numbers.data])
}

describe('help and mistakes', () => {
  const commands = ['info', 'convert', 'predict', 'check', 'cases']

  test('without arguments: what there is', async () => {
    for (const args of [[], ['--help']]) {
      const { status, stdout, stderr } = await run(...args)
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      for (const name of commands) expect(stdout.toString()).toContain(`  ${name} `)
    }
  })

  test('the version is the package’s', async () => {
    expect(textOf(await run('--version')).trim()).toBe(JSON.parse(readFileSync('package.json', 'utf8')).version)
  })

  test.each(commands)('%s --help', async name => {
    const { status, stdout } = await run(name, '--help')
    expect(status).toBe(0)
    expect(stdout.toString()).toMatch(new RegExp(`^unshared ${name} `))
    expect(stdout.toString()).toMatch(/\n {2}--help +print this help/)
  })

  test.each([
    [['inform'], /expected one of info, convert, predict, check, cases, received inform/],
    [['info'], /expected FILE, received no arguments/],
    [['info', 'a', 'b'], /expected FILE, received a b/],
    [['info', 'digits.h5', '--yaml'], /Unknown option '--yaml'/],
    [['convert', 'digits.h5', '-'], /--to: expected a format/],
    [['convert', 'digits.h5', '-', '--to', 'tfjs'], /two files/],
    [['convert', 'digits.h5', 'a.h5', '--to', 'pdf'], /--to: expected h5, keras.*received pdf/],
    [['convert', 'digits.h5', 'a.h5', '--implementation', '4'], /expected 1, 2 or 3, received 4/],
    [['predict', 'digits.h5', 'x.npy', '--batch-size', '0'], /--batch-size: expected a positive number/],
    [['predict', '-', '-'], /only one of MODEL and INPUT/],
  ] as const)('called wrongly: %j', async (args, message) => {
    const { status, stdout, stderr } = await run(...args)
    expect(status).toBe(2)
    expect(stdout.length).toBe(0)
    expect(stderr).toMatch(message)
    expect(stderr).toMatch(/^unshared.*See: unshared.*--help\n$/)
  })

  test.each([
    [['info', 'none.h5'], /no such file/],
    [['info', 'x.csv'], /^unshared info: /],
    [['predict', 'digits.h5', 'none.npy'], /none\.npy: no such file or directory/],
    [['predict', 'digits.h5', 'pair.npz'], /expected an array locally_connected2d_input, received left, right/],
    [['predict', 'two.keras', 'x.npy'], /expected samples for each of left, right/],
    [['predict', 'digits.safetensors', 'x.npy'], /expected a whole model/],
    [['convert', 'digits.h5', 'a.pdf'], /no format ends in \.pdf/],
    [['convert', 'digits.h5', 'none/a.keras'], /none\/a\.keras/],
    [['predict', 'two.keras', 'pair.npz', '--format', 'csv'], /csv holds one output/],
  ] as const)('something is wrong with a file: %j', async (args, message) => {
    const { status, stderr } = await run(...args)
    expect(status).toBe(1)
    expect(stderr).toMatch(message)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })
})

describe('info', () => {
  test('the summary, with costs', async () => {
    const { status, stdout, stderr } = await run('info', 'digits.h5')
    const text = stdout.toString()
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(text).toMatch(/^digits\.h5: h5, Keras [\d.]+, tensorflow\nModel: "digits"/)
    const lines: string[] = []
    digits.summary({ macs: true, print: line => lines.push(line) })
    expect(text.split('\n').slice(1, -1)).toEqual(lines)
  })

  test('as JSON', async () => {
    const { layers, ...rest } = JSON.parse(textOf(await run('info', 'digits.h5', '--json')))
    expect(rest).toMatchObject({ loads: true, kind: 'h5', parameters: digits.countParams(), multiplyAdds: 2736 })
    expect(rest.outputs).toEqual([{ name: 'dense', shape: [null, 10] }])
    expect(layers.map(({ className }: { className: string }) => className)).toEqual([
      ...['LocallyConnected2D', 'Flatten', 'Dense'],
    ])
    expect(layers[0]).toMatchObject({ parameters: 36 * 4 * 10, multiplyAdds: 36 * 4 * 9 })
  })

  test('from the standard input', async () => {
    const { status, stdout } = await runProgram(folder, ['info', '-'], read('digits.h5'))
    expect(status).toBe(0)
    expect(stdout.toString()).toMatch(/^standard input: h5/)
  })

  test('weights alone', async () => {
    const { status, stdout } = await run('info', 'digits.safetensors')
    expect(status).toBe(0)
    expect(stdout.toString()).toMatch(/^digits\.safetensors: safetensors, weights alone\n/)
    expect(stdout.toString()).toMatch(/dense\/kernel +\[144, 10\]/)
    expect(stdout.toString()).toMatch(/4 arrays, 2,890 numbers\n$/)
  })

  test('a model that would not load: every layer, and the reasons', async () => {
    const file = join(process.cwd(), 'tests/golden/fixtures/graphs/row32_siamese_absolute_difference.h5')
    const { status, stdout, stderr } = await run('info', file)
    expect(status).toBe(1)
    expect(stdout.toString()).toMatch(/^ok {2}net\/net_lc \(LocallyConnected1D\)$/m)
    expect(stdout.toString()).toMatch(/^no {2}distance \(Lambda\): expected a layer without code/m)
    expect(stderr).toMatch(/would not load: layer 3 \(distance\)/)
    const { loads, layers } = JSON.parse(textOf(await run('info', file, '--json')))
    expect(loads).toBe(false)
    expect(layers.filter(({ reason }: { reason: string | null }) => reason !== null)).toHaveLength(1)
  })

  test('--float32 loads a model of another type', async () => {
    const file = join(process.cwd(), 'tests/keras/fixtures/mixed_float16.h5')
    expect((await run('info', file)).status).toBe(1)
    expect((await run('info', file, '--float32')).status).toBe(0)
  })
})

describe('convert', () => {
  test.each(['a.h5', 'a.keras', 'model.json'])('to %s', async name => {
    const { status, stdout, stderr } = await run('convert', 'digits.h5', name)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout.toString()).toMatch(new RegExp(`^digits\\.h5 → ${name}: \\w+, 2,890 parameters\n$`))
    const model = await loadModel(join(folder, name))
    expectNumbers(model.forward(x), expected)
  })

  test('to .onnx, and weights alone', async () => {
    for (const name of ['a.onnx', 'a.safetensors', 'a.weights.h5'])
      expect((await run('convert', 'digits.h5', name)).status).toBe(0)
    expect(read('a.safetensors')).toEqual(read('digits.safetensors'))
    expect(Buffer.from(read('a.onnx')).toString('latin1')).toContain('Gather')
  })

  test('another implementation', async () => {
    const { stdout } = await run('convert', 'digits.h5', 'third.keras', '--implementation', '3', '--json')
    expect(JSON.parse(stdout.toString())).toEqual({
      ...{ from: 'digits.h5', to: 'third.keras', format: 'keras', parameters: 2890 },
    })
    const model = await loadModel(join(folder, 'third.keras'))
    expect((model.layers[0] as LocallyConnected2D).implementation).toBe(3)
    expectNumbers(model.forward(x), expected)
  })

  test('through pipes', async () => {
    const { status, stdout } = await runProgram(folder, ['convert', '-', '-', '--to', 'keras'], read('digits.h5'))
    expect(status).toBe(0)
    expectNumbers((await loadModel(new Uint8Array(stdout))).forward(x), expected)
  })

  test('with the weights of another file', async () => {
    const changed = await loadModel(join(folder, 'digits.h5'))
    changed.setWeights(
      changed.getWeights().map(
        ({ shape, data }) =>
          new Tensor(
            shape,
            data.map(v => v / 2),
          ),
      ),
    )
    write('half.safetensors', await saveWeights(changed, { format: 'safetensors' }))
    await run('convert', 'digits.h5', 'half.keras', '--weights', 'half.safetensors')
    expectNumbers((await loadModel(join(folder, 'half.keras'))).forward(x), changed.forward(x))
  })
})

describe('predict', () => {
  test.each(['x.npy', 'x.csv', 'x.json'])('%s', async name => {
    const { status, stdout, stderr } = await run('predict', 'digits.h5', name)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expectNumbers(Tensor.from(JSON.parse(stdout.toString())), expected)
  })

  test('several files, one after the other; one sample without a batch', async () => {
    write('one.json', JSON.stringify(x.slice(0, 1).reshape([8, 8]).toArray()))
    const found = Tensor.from(JSON.parse(textOf(await run('predict', 'digits.h5', 'x.npy', 'one.json'))))
    expectNumbers(found.slice(0, 3), expected)
    expectNumbers(found.slice(3), expected.slice(0, 1))
  })

  test('results as csv, npy and npz, to a file or to the standard output', async () => {
    const csv = textOf(await run('predict', 'digits.h5', 'x.npy', '--format', 'csv'))
    expectNumbers(
      Tensor.from(
        csv
          .trim()
          .split('\n')
          .map(line => line.split(',').map(Number)),
      ),
      expected,
    )
    const { stdout } = await run('predict', 'digits.h5', 'x.npy', '--format', 'npy')
    expectNumbers(fromNpy(new Uint8Array(stdout)), expected)
    expect((await run('predict', 'digits.h5', 'x.npy', '--out', 'y.npy')).stdout.length).toBe(0)
    expectNumbers(fromNpy(read('y.npy')), expected)
    await run('predict', 'digits.h5', 'x.npy', '--out', 'y.npz', '--batch-size', '2')
    expectNumbers((await fromNpz(read('y.npz'))).dense, expected)
  })

  test('several inputs and outputs, by name', async () => {
    const [first, second] = two.forward(pair) as unknown as readonly Tensor[]
    for (const name of ['pair.npz', 'pair.json']) {
      const found = JSON.parse(textOf(await run('predict', 'two.keras', name)))
      expectNumbers(Tensor.from(found.sum), first)
      expectNumbers(Tensor.from(found.product), second)
    }
  })

  test('through pipes', async () => {
    const { stdout } = await runProgram(folder, ['predict', 'digits.h5', '-'], csvOf(x).join('\n'))
    expectNumbers(Tensor.from(JSON.parse(stdout.toString())), expected)
  })

  test('--divide-by', async () => {
    write(
      'times.npy',
      toNpy(
        new Tensor(
          x.shape,
          x.data.map(v => v * 4),
        ),
      ),
    )
    const found = JSON.parse(textOf(await run('predict', 'digits.h5', 'times.npy', '--divide-by', '4')))
    expectNumbers(Tensor.from(found), expected)
  })

  test.each([
    ['8,8\n', /line 1: expected 64 numbers, received 2/],
    [`${'1,'.repeat(63)}x\n`, /line 1: expected numbers, received "x"/],
    ['[[1, 2], [3]]', /rows of 2/],
    ['{"left": ', /JSON/],
    [`[[${Array(65).fill(0)}]]`, /expected samples of shape \[batch, 8, 8, 1\], received \[1, 65\]/],
    [new Uint8Array([255, 254, 0]), /expected npy, npz, csv, json or png/],
  ])('samples that do not fit: %p', async (content, message) => {
    const { status, stderr } = await runProgram(folder, ['predict', 'digits.h5', '-'], content)
    expect(status).toBe(1)
    expect(stderr).toMatch(message)
  })

  test('ends quietly when the reader of a pipe has gone', async () => {
    write('many.npy', toNpy(Tensor.zeros([20_000, 8, 8, 1])))
    const child = startProgram(folder, ['predict', 'digits.h5', 'many.npy'])
    let errors = ''
    child.stderr?.on('data', part => {
      errors += part
    })
    child.stdout?.once('data', () => child.stdout?.destroy())
    const status = await new Promise(done => child.once('close', done))
    expect({ status, errors }).toEqual({ status: 0, errors: '' })
  })
})

describe('pictures', () => {
  const flat = (channels: number, shape = [2, 3, channels]) => {
    const model = new Sequential([new Flatten({ inputShape: shape })], { seed: 1 })
    model.build([null, ...shape])
    return model
  }
  const numbers = async (name: string, shape: number[]) => {
    write('flat.keras', await saveModel(flat(1, shape), { format: 'keras' }))
    const { stdout, stderr } = await run('predict', 'flat.keras', name)
    expect(stderr).toBe('')
    return JSON.parse(stdout.toString())[0]
  }
  const png = (data: Uint8Array | Uint16Array, channels: number, depth: 8 | 16 = 8) =>
    encode({ width: 3, height: 2, data, channels, depth })

  /** A PNG of these rows, each with its filter byte; written by hand, since no encoder packs pixels. */
  function packed(depth: number, colorType: number, rows: number[][], palette: number[] = []): Uint8Array {
    const chunk = (type: string, data: Uint8Array) => {
      const body = new Uint8Array([...Buffer.from(type), ...data])
      const bytes = new Uint8Array(8 + data.length + 4)
      const view = new DataView(bytes.buffer)
      view.setUint32(0, data.length)
      bytes.set(body, 4)
      view.setUint32(8 + data.length, crc32(bytesOf(body)))
      return [...bytes]
    }
    const header = new Uint8Array([0, 0, 0, 3, 0, 0, 0, 2, depth, colorType, 0, 0, 0])
    return new Uint8Array([
      ...[0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10],
      ...chunk('IHDR', header),
      ...(palette.length > 0 ? chunk('PLTE', new Uint8Array(palette)) : []),
      ...chunk('IDAT', zlibSync(new Uint8Array(rows.flatMap(row => [0, ...row])))),
      ...chunk('IEND', new Uint8Array(0)),
    ])
  }

  test('grey, coloured, with alpha, channels first', async () => {
    const grey = [0, 50, 100, 150, 200, 255]
    write('grey.png', png(new Uint8Array(grey), 1))
    expect(await numbers('grey.png', [2, 3, 1])).toEqual(grey)
    expect(await numbers('grey.png', [2, 3])).toEqual(grey)
    expect(await numbers('grey.png', [2, 3, 3])).toEqual(grey.flatMap(v => [v, v, v]))
    const colours = Array.from({ length: 18 }, (_, i) => 10 * i)
    write('colours.png', png(new Uint8Array(colours), 3))
    expect(await numbers('colours.png', [2, 3, 3])).toEqual(colours)
    expect(await numbers('colours.png', [3, 2, 3])).toEqual(
      [0, 1, 2].flatMap(c => grey.map((_, p) => 10 * (3 * p + c))),
    )
    // Pillow's convert('L') of these pixels
    expect(await numbers('colours.png', [2, 3, 1])).toEqual([8, 38, 68, 98, 128, 158])
    write('alpha.png', png(new Uint8Array(grey.flatMap((v, i) => [v, v, v, i])), 4))
    expect(await numbers('alpha.png', [2, 3, 3])).toEqual(grey.flatMap(v => [v, v, v]))
    expect(await numbers('alpha.png', [2, 3, 4])).toEqual(grey.flatMap((v, i) => [v, v, v, i]))
  })

  test('16 bits, 1 bit, 2 bits and a palette', async () => {
    write('deep.png', png(new Uint16Array([0, 257, 514, 65535, 257 * 7, 257 * 100]), 1, 16))
    expect(await numbers('deep.png', [2, 3, 1])).toEqual([0, 1, 2, 255, 7, 100])
    write('bits.png', packed(1, 0, [[0b10100000], [0b01000000]]))
    expect(await numbers('bits.png', [2, 3, 1])).toEqual([255, 0, 255, 0, 255, 0])
    write('two-bits.png', packed(2, 0, [[0b00011000], [0b11000100]]))
    expect(await numbers('two-bits.png', [2, 3, 1])).toEqual([0, 85, 170, 255, 0, 85])
    const palette = [255, 0, 0, 0, 255, 0, 0, 0, 255]
    write('palette.png', packed(2, 3, [[0b00011000], [0b10000100]], palette))
    const [r, g, b] = [0, 3, 6].map(at => palette.slice(at, at + 3))
    expect(await numbers('palette.png', [2, 3, 3])).toEqual([r, g, b, b, r, g].flat())
  })

  test('another size, and what is no picture', async () => {
    write('grey.png', png(new Uint8Array(6), 1))
    const other = await run('predict', 'digits.h5', 'grey.png')
    expect(other).toMatchObject({ status: 1 })
    expect(other.stderr).toMatch(/grey\.png: expected a picture for samples of \[8, 8, 1\], received 2 x 3 pixels/)
    write('cut.png', png(new Uint8Array(6), 1).slice(0, 30))
    expect((await run('predict', 'digits.h5', 'cut.png')).stderr).toMatch(/cut\.png: expected a PNG picture/)
  })
})

describe('check', () => {
  test('a model that keeps its bits', async () => {
    const { status, stdout, stderr } = await run('check', 'digits.h5')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout.toString()).toBe(
      [
        'loads    ok: 3 layers, 2,890 parameters',
        'predicts ok: [3, 10], all finite',
        'h5       ok: the same bits after a round trip',
        'keras    ok: the same bits after a round trip',
        'tfjs     ok: the same bits after a round trip',
        '',
      ].join('\n'),
    )
  })

  test('several inputs and outputs, as JSON', async () => {
    const { ok, findings } = JSON.parse(textOf(await run('check', 'two.keras', '--json')))
    expect(ok).toBe(true)
    expect(findings).toHaveLength(5)
  })

  test('predictions that are not finite: a negative control', async () => {
    const broken = await loadModel(join(folder, 'digits.h5'))
    broken.layers[2].setWeights(
      broken.layers[2].getWeights().map(
        ({ shape, data }) =>
          new Tensor(
            shape,
            data.map(() => Number.NaN),
          ),
      ),
    )
    write('broken.h5', await saveModel(broken, { format: 'h5' }))
    const { status, stdout, stderr } = await run('check', 'broken.h5')
    expect(status).toBe(1)
    expect(stdout.toString()).toMatch(/^predicts failed: dense has NaN or infinite numbers$/m)
    expect(stderr).toMatch(/broken\.h5: failed predicts/)
  })

  test('a file that does not load', async () => {
    write('cut.h5', read('digits.h5').subarray(0, 5000))
    expect(await run('check', 'cut.h5')).toMatchObject({ status: 1 })
  })
})

test('cases', async () => {
  const { status, stdout } = await run('cases', 'cases')
  expect(status).toBe(0)
  const files = readdirSync(join(folder, 'cases'))
  expect(stdout.toString()).toBe(`${files.length} files in cases\n`)
  expect(files.filter(name => name.endsWith('.npz')).length).toBeGreaterThan(3)
})
