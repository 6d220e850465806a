// The library without files.

import ndarray from 'ndarray'
import ops from 'ndarray-ops'
import * as unshared from 'unshared'
import * as data from 'unshared/data'
import * as plot from 'unshared/plot'
import * as research from 'unshared/research'
import { runTasks } from './worker.ts'

runTasks({
  unshared,
  'unshared/data': data,
  'unshared/plot': plot,
  'unshared/research': research,
  ndarray: { __esModule: true, default: ndarray },
  'ndarray-ops': { __esModule: true, default: ops },
})
