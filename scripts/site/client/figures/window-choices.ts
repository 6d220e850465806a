// The choices of all figures with windows.

import { choice } from './parts.ts'
import { texts } from './texts.ts'

/** The rows and columns of the window. */
export const windowSize = (changed: () => void) =>
  choice(
    texts.window,
    [
      [3, '3 × 3'],
      [2, '2 × 2'],
    ],
    changed,
  )

/** The rows and columns from one window to the next. */
export const windowStride = (changed: () => void) =>
  choice(
    texts.stride,
    [
      [1, '1'],
      [2, '2'],
    ],
    changed,
  )
