// The figures of the pages that can be touched.

import { countFigure } from './count.ts'
import { gradientFigure } from './gradient.ts'
import { windowFigure } from './window.ts'

const figures: Record<string, (host: HTMLElement) => void> = {
  window: windowFigure,
  gradient: gradientFigure,
  count: countFigure,
}
for (const host of document.querySelectorAll<HTMLElement>('[data-figure]')) figures[host.dataset.figure ?? '']?.(host)
