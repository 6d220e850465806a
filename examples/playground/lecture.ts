// Lecture mode: the largest type with which a screen fits into its window. All measures of the page follow it.

const [least, most] = [8, 72] // pixels
const steps = 8

/** @param frame fills the window's width */
export function fitType(frame: HTMLElement): void {
  const root = document.documentElement
  const fits = (size: number) => {
    root.style.fontSize = `${size}px`
    return frame.scrollHeight <= innerHeight && frame.scrollWidth <= innerWidth
  }
  let [low, high] = [least, Math.min(most, innerWidth / 40)]
  for (let i = 0; i < steps; i++) {
    const middle = (low + high) / 2
    if (fits(middle)) low = middle
    else high = middle
  }
  root.style.fontSize = `${low}px`
}

export function usualType(): void {
  document.documentElement.style.fontSize = ''
}

export const isOver = (frame: HTMLElement): boolean =>
  frame.scrollHeight > innerHeight + 1 || frame.scrollWidth > innerWidth + 1
