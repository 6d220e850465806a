// What snippets import, but for files.

import ndarray from 'ndarray'
import ops from 'ndarray-ops'
import * as unshared from 'unshared'
import * as core from 'unshared/core'
import * as data from 'unshared/data'
import * as names from 'unshared/names'
import * as views from 'unshared/ndarray'
import * as plot from 'unshared/plot'
import * as research from 'unshared/research'
import * as resume from 'unshared/resume'
import * as simd from 'unshared/simd'
import * as summary from 'unshared/summary'

export const library: Record<string, unknown> = {
  unshared,
  'unshared/core': core,
  'unshared/data': data,
  'unshared/names': names,
  'unshared/ndarray': views,
  'unshared/plot': plot,
  'unshared/research': research,
  'unshared/resume': resume,
  'unshared/simd': simd,
  'unshared/summary': summary,
  ndarray: { __esModule: true, default: ndarray },
  'ndarray-ops': { __esModule: true, default: ops },
}
