// The library without files.

import { library } from './library.ts'
import { runTasks } from './worker.ts'

runTasks(library)
