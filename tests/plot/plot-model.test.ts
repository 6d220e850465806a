// Drawings of models: the boxes and arrows, read back from where they are drawn, are the layers and their connections.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  Add,
  Concatenate,
  Dense,
  Flatten,
  input,
  LocallyConnected2D,
  Model,
  Sequential,
  Subtract,
  type SymbolicTensor,
} from 'unshared'
import { plotModel } from 'unshared/plot'

interface Box {
  readonly lines: readonly string[]
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}
type Point = readonly [x: number, y: number]

function readDrawing(svg: string) {
  const field = (tag: string, name: string) => Number(new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1])
  const boxes = [...svg.matchAll(/(<rect .*?\/>)(.*)/g)].map(([, rect, texts]): Box => {
    const [left, top] = [field(rect, 'x'), field(rect, 'y')]
    const lines = [...texts.matchAll(/<text [^>]*>(.*?)<\/text>/g)].map(([, text]) => text)
    return { lines, left, top, right: left + field(rect, 'width'), bottom: top + field(rect, 'height') }
  })
  const curves = [...svg.matchAll(/<path d="M([^Z"]*)"\/>/g)].map(([, path]) => {
    const numbers = path.split(/[LQ ]/).map(Number)
    return numbers.flatMap((x, i): Point[] => (i % 2 === 0 ? [[x, numbers[i + 1]]] : []))
  })
  const [x, y, width, height] = (/viewBox="([^"]*)"/.exec(svg)?.[1] ?? '').split(' ').map(Number)
  return { boxes, curves, view: { lines: [], left: x, top: y, right: x + width, bottom: y + height } }
}

const near = (a: number, b: number) => Math.abs(a - b) <= 0.2

/** The box on whose border the point is. Models around others do not count. */
function boxAt(boxes: readonly Box[], [x, y]: Point): Box | undefined {
  return boxes.find(({ lines, left, top, right, bottom }) => {
    const isInside = x >= left - 0.2 && x <= right + 0.2 && y >= top - 0.2 && y <= bottom + 0.2
    return lines.length === 2 && isInside && [x - left, x - right, y - top, y - bottom].some(d => near(d, 0))
  })
}

const nameOf = (box: Box | undefined) => box?.lines[0].replace(/ \(.*/, '')

/** `from → to`, as drawn. */
const arrowsOf = ({ boxes, curves }: ReturnType<typeof readDrawing>) =>
  curves.map(points => `${nameOf(boxAt(boxes, points[0]))} → ${nameOf(boxAt(boxes, points[points.length - 1]))}`).sort()

const contains = (outer: Box, inner: Box) =>
  inner.left >= outer.left && inner.right <= outer.right && inner.top >= outer.top && inner.bottom <= outer.bottom
const overlap = (a: Box, b: Box) =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom && !contains(a, b) && !contains(b, a)

/** A model with two inputs. */
function twoInputs(name = 'risk') {
  const [picture, age] = [input({ shape: [8], name: 'picture' }), input({ shape: [1], name: 'age' })]
  const seen = new Dense({ units: 3, name: 'seen' }).apply(picture)
  const both = new Concatenate({ name: 'both' }).apply([seen, age])
  return new Model({ inputs: [picture, age], outputs: new Dense({ units: 1, name }).apply(both), seed: 7 })
}

/** A tower on two inputs, whose results are compared. */
function siamese() {
  const tower = new Sequential([new Dense({ units: 4, name: 'inner', inputShape: [3] })], { seed: 1, name: 'tower' })
  const [left, right] = [input({ shape: [3], name: 'left' }), input({ shape: [3], name: 'right' })]
  const apart = new Subtract({ name: 'apart' }).apply([tower.apply(left), tower.apply(right)])
  return new Model({ inputs: [left, right], outputs: apart, seed: 2 })
}

test('a box for each layer with its name, class and shape, and an arrow for each connection', async () => {
  const drawing = readDrawing(await plotModel(twoInputs()))
  expect(drawing.boxes.map(({ lines }) => lines.join(' ')).sort()).toEqual([
    'age (InputLayer) (None, 1)',
    'both (Concatenate) (None, 4)',
    'picture (InputLayer) (None, 8)',
    'risk (Dense) (None, 1)',
    'seen (Dense) (None, 3)',
  ])
  expect(arrowsOf(drawing)).toEqual(['age → both', 'both → risk', 'picture → seen', 'seen → both'])
  expect(readDrawing(await plotModel(new Sequential([new Dense({ units: 2, inputShape: [3] })]))).boxes).toHaveLength(2)
})

test("a layer that takes its own output, and two that take each other's", async () => {
  const x = input({ shape: [2], name: 'x' })
  const [a, b] = [new Dense({ units: 2, name: 'a' }), new Dense({ units: 2, name: 'b' })]
  const drawing = readDrawing(
    await plotModel(new Model({ inputs: x, outputs: b.apply(a.apply(b.apply(a.apply(a.apply(x))))) })),
  )
  expect(arrowsOf(drawing)).toEqual(['a → a', 'a → b', 'b → a', 'x → a'])
  const a0 = drawing.boxes.find(box => nameOf(box) === 'a') as Box
  const loop = drawing.curves.find(
    points => near(points[0][0], a0.right) && near(points[points.length - 1][0], a0.right),
  )
  expect(Math.max(...(loop ?? []).map(([x]) => x))).toBeGreaterThan(a0.right + 8)
})

describe('nested models', () => {
  test('a model that is called twice has one box', async () => {
    const drawing = readDrawing(await plotModel(siamese()))
    expect(arrowsOf(drawing)).toEqual(['left → tower', 'right → tower', 'tower → apart'])
  })

  test('expandNested: its layers are in a box, and arrows lead to and from them', async () => {
    const drawing = readDrawing(await plotModel(siamese(), { expandNested: true }))
    const { boxes } = drawing
    expect(arrowsOf(drawing)).toEqual(['inner → apart', 'input_1 → inner', 'left → input_1', 'right → input_1'])
    const tower = boxes.find(box => nameOf(box) === 'tower') as Box
    expect(tower.lines).toEqual(['tower (Sequential)'])
    expect(boxes.filter(box => box !== tower && contains(tower, box)).map(nameOf)).toEqual(['input_1', 'inner'])
  })

  test('expandNested: with several inputs and outputs, each arrow leads to its own', async () => {
    const given = ['p', 'q'].map(name => input({ shape: [2], name }))
    const inside = new Model({
      inputs: given,
      outputs: given.map((x, i) => new Dense({ units: 2, name: `d${i}` }).apply(x)),
    })
    const [x, y] = ['x', 'y'].map(name => input({ shape: [2], name }))
    const ends = inside.apply([x, y]).map((end, i) => new Dense({ units: 1, name: `e${i}` }).apply(end))
    const drawing = readDrawing(await plotModel(new Model({ inputs: [x, y], outputs: ends }), { expandNested: true }))
    expect(arrowsOf(drawing)).toEqual(['d0 → e0', 'd1 → e1', 'p → d0', 'q → d1', 'x → p', 'y → q'])
  })

  test('the title of a box has room: above the first layer, and as wide as the box', async () => {
    const name = 'a-model-with-a-name-that-is-longer-than-its-layers'
    const inside = new Sequential([new Dense({ units: 1, name: 'd', inputShape: [1] })], { name })
    const outer = new Sequential([new Sequential([inside], { name: 'middle' }), new Dense({ units: 1 })])
    const { boxes } = readDrawing(await plotModel(outer, { expandNested: true }))
    const box = boxes.find(box => nameOf(box) === name) as Box
    expect(box.right - box.left).toBeGreaterThan(`${name} (Sequential)`.length * 7.2 + 10)
    for (const other of boxes)
      if (contains(box, other) && other !== box) expect(other.top - box.top).toBeGreaterThan(18)
  })
})

test('random graphs: boxes do not overlap, arrows join those that are connected, and all is in the picture', async () => {
  const layers = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 14 })
  await fc.assert(
    fc.asyncProperty(layers, fc.boolean(), async (specs, expandNested) => {
      const values: SymbolicTensor[] = [input({ shape: [2], name: 'x' })]
      const expected = new Set<string>()
      specs.forEach(([a, b, isMerge, isModel], i) => {
        const [from, other] = [values[a % values.length], values[b % values.length]]
        const name = `n${i}`
        // With one layer, a model's ends have the name of the layer: `n0-in` and `n0`.
        const inside = new Dense({ units: 2, name: isModel && expandNested ? name : `${name}-inside` })
        const start = input({ shape: [2], name: `${name}-in` })
        const isExpanded = !isMerge && isModel && expandNested
        const nested = () =>
          new Model({ inputs: start, outputs: inside.apply(start), name: expandNested ? `${name}-model` : name })
        if (isMerge) values.push(new Add({ name }).apply([from, other]))
        else values.push(isModel ? nested().apply(from) : new Dense({ units: 2, name }).apply(from))
        const nameOfValue = (value: SymbolicTensor) => value.name.replace(/-model$/, '')
        expected.add(`${nameOfValue(from)} → ${isExpanded ? `${name}-in` : name}`)
        if (isMerge) expected.add(`${nameOfValue(other)} → ${name}`)
        if (isExpanded) expected.add(`${name}-in → ${name}`)
      })
      const model = new Model({ inputs: values[0], outputs: values })
      const drawing = readDrawing(await plotModel(model, { expandNested }))
      const { boxes, curves, view } = drawing
      expect(arrowsOf(drawing)).toEqual([...expected].sort())
      for (const [i, box] of boxes.entries()) {
        expect(contains(view, box)).toBe(true)
        expect(boxes.slice(0, i).filter(other => overlap(box, other))).toEqual([])
      }
      for (const [x, y] of curves.flat())
        expect(x >= view.left && x <= view.right && y >= view.top && y <= view.bottom).toBe(true)
    }),
    { numRuns: 60, seed: 19 },
  )
})

test('names are text: markup, quotes, characters that XML forbids', async () => {
  const svg = await plotModel(twoInputs('<script>"&\'\u0001\ud800'))
  expect(svg).toContain('>&#60;script&#62;&#34;&#38;&#39;\ufffd\ufffd (Dense)</text>')
  expect(svg).not.toMatch(/<script/)
})

test('nothing that a strict policy stops or that could meet the page: no script, style, class, id or address', async () => {
  const svg = await plotModel(siamese(), { expandNested: true })
  expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(
    /<(script|style)|\s(style|class|id|href|on\w+)=|url\(|http/,
  )
  expect(svg).toMatch(/^<svg [^>]* role="img" aria-label="The layers of the model [^"]+">/)
  expect(await plotModel(siamese(), { expandNested: true })).toBe(svg)
})

test('wrong arguments', async () => {
  await expect(plotModel(new Dense({ units: 1 }) as never)).rejects.toThrow(/^model: expected a model/)
  await expect(plotModel(twoInputs(), { rankdir: 'LR' } as never)).rejects.toThrow(/rankdir/)
  await expect(plotModel(twoInputs(), { expandNested: 1 as never })).rejects.toThrow(/^expandNested/)
  await expect(plotModel(new Sequential([new Dense({ units: 1 })]))).rejects.toThrow(/not built|build/)
})

test('models of more than 1000 layers are refused', async () => {
  const x = input({ shape: [1] })
  const outputs = Array.from({ length: 1000 }, () => new Add().apply([x, x]))
  const model = new Model({ inputs: x, outputs })
  await expect(plotModel(model)).rejects.toThrow('model: expected at most 1000 layers to draw, received')
}, 60_000)

test('docs/images/graph.svg is the drawing of the first model of docs/graphs.md', async () => {
  const [picture, age] = [input({ shape: [8, 8, 1], name: 'picture' }), input({ shape: [1], name: 'age' })]
  const seen = new LocallyConnected2D({ filters: 2, kernelSize: 3, activation: 'relu' }).apply(picture)
  const both = new Concatenate().apply([new Flatten().apply(seen), age])
  const model = new Model({
    inputs: [picture, age],
    outputs: new Dense({ units: 1, name: 'risk' }).apply(both),
    seed: 7,
  })
  expect(readFileSync('docs/images/graph.svg', 'utf8')).toBe(await plotModel(model))
})
