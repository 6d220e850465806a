// `unshared/resume`: importing it lets callbacks of `unshared/core` save the state of a training and resume from it.

import { withResuming } from '../models/resume.ts'

withResuming(null)
