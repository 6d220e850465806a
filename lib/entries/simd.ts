// `unshared/simd`: importing it gives `unshared/core` the fast engine.

import { withFastEngine } from '../simd/fast.ts'

withFastEngine(null)
