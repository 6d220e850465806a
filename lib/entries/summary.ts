// `unshared/summary`: importing it gives `unshared/core` the costs of models: `model.summary()`, and the option `memoryLimit`.

import { withSummary } from '../models/with-summary.ts'

withSummary(null)
