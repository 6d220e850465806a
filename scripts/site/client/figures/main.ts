// The figures of the pages that can be touched.

import { setEngineDefaults } from 'unshared'
import { countFigure } from './count.ts'
import { gradientFigure } from './gradient.ts'
import { windowFigure } from './window.ts'

setEngineDefaults({ engine: 'reference' }) // the page's policy lets no WebAssembly run

const figures: Record<string, (host: HTMLElement) => void> = {
  window: windowFigure,
  gradient: gradientFigure,
  count: countFigure,
}
for (const host of document.querySelectorAll<HTMLElement>('[data-figure]')) figures[host.dataset.figure ?? '']?.(host)
