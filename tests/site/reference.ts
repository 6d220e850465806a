// The reference: every value that an entry exports has a place in it, and guides lead there from the names they use.

import * as unshared from 'unshared'
import * as core from 'unshared/core'
import * as data from 'unshared/data'
import * as keras from 'unshared/keras'
import * as names from 'unshared/names'
import * as ndarray from 'unshared/ndarray'
import * as node from 'unshared/node'
import * as onnx from 'unshared/onnx'
import * as plot from 'unshared/plot'
import * as research from 'unshared/research'
import * as resume from 'unshared/resume'
import * as simd from 'unshared/simd'
import * as summary from 'unshared/summary'
import * as teaching from 'unshared/teaching'
import { assertEqual, type Check } from '../browser/checks.ts'
import { pages, read } from './site.ts'

const entries = {
  unshared,
  core,
  data,
  keras,
  names,
  ndarray,
  node,
  onnx,
  plot,
  research,
  resume,
  simd,
  summary,
  teaching,
}
const text = pages
  .filter(page => page.startsWith('reference/'))
  .map(read)
  .join('\n')

/** Where the first code span with a text leads on a page, in its section. */
function targetOf(page: string, section: string, code: string): string {
  const html = read(`${page}.html`)
  const from = html.indexOf(`id="${section}"`)
  const [, href] = new RegExp(`<a class="name" href="([^"]*)"><code>${code}</code>`).exec(html.slice(from)) ?? []
  return href ?? 'nowhere'
}

const options = [
  ['callbacks', 'earlystopping', 'patience', 'EarlyStoppingOptions.patience'],
  ['callbacks', 'earlystopping', 'restoreBestWeights', 'EarlyStoppingOptions.restoreBestWeights'],
  ['callbacks', 'reducelronplateau', 'cooldown', 'ReduceLROnPlateauOptions.cooldown'],
  ['callbacks', 'modelcheckpoint', 'saveWeightsOnly', 'ModelCheckpointOptions.saveWeightsOnly'],
  ['keras-compatibility', 'locallyconnected2d', 'kernel_size', 'LocallyConnected2DOptions.kernelSize'],
  ['keras-compatibility', 'dense', 'units', 'DenseOptions.units'],
  ['keras-compatibility', 'dropout', 'noise_shape', 'DropoutOptions.noiseShape'],
  ['security', 'the-limits', 'maxBytes', 'LoadModelOptions.maxBytes'],
  ['layer', 'from-a-convolution-and-back', 'toDense', 'toDense'],
]

export const referenceChecks: readonly Check[] = [
  {
    name: 'reference: every exported value is in it',
    async run() {
      const names = Object.values(entries).flatMap(entry => Object.keys(entry))
      assertEqual(names.length > 200, true, 'there are names')
      assertEqual(
        names.filter(name => !text.includes(`id="${name}"`)),
        [],
        'names that are missing',
      )
      console.log(`      ${names.length} values`)
    },
  },
  {
    name: 'reference: options that guides name lead to it',
    async run() {
      const found = options.map(([page, section, code]) => targetOf(page, section, code).replace(/.*#/, ''))
      assertEqual(
        found,
        options.map(([, , , target]) => target),
        'targets',
      )
    },
  },
]
