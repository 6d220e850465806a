// The library with files, and with what reads HDF5.

import * as unshared from 'unshared'
import * as data from 'unshared/data'
import * as keras from 'unshared/keras'
import * as plot from 'unshared/plot'
import * as research from 'unshared/research'
import { runTasks } from './worker.ts'

runTasks({
  unshared,
  'unshared/data': data,
  'unshared/keras': keras,
  'unshared/plot': plot,
  'unshared/research': research,
})
