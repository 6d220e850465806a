import { run } from './program.mjs'
import { tell } from './tell.mjs'

tell(run)
