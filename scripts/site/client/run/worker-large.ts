// The library with files, and with what reads HDF5.

import * as keras from 'unshared/keras'
import * as onnx from 'unshared/onnx'
import * as teaching from 'unshared/teaching'
import { library } from './library.ts'
import { runTasks } from './worker.ts'

runTasks({ ...library, 'unshared/keras': keras, 'unshared/onnx': onnx, 'unshared/teaching': teaching })
