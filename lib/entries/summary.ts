// `unshared/summary`: importing it gives `unshared/core` the table of layers, `model.summary()`.

import { withSummary } from '../models/with-summary.ts'

withSummary(null)
