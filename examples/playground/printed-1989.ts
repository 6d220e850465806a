// What LeCun's report of 1989 found, as printed.

export interface Printed {
  readonly name: string
  readonly links: number
  readonly weights: number
  /** Per cent of the 160 test digits, as printed. */
  readonly percent: number
}

/** Table 11.1 of Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2nd edition. */
export const printed: readonly Printed[] = [
  { name: 'Net-1', links: 2570, weights: 2570, percent: 80.0 },
  { name: 'Net-2', links: 3214, weights: 3214, percent: 87.0 },
  { name: 'Net-3', links: 1226, weights: 1226, percent: 88.5 },
  { name: 'Net-4', links: 2266, weights: 1132, percent: 94.0 },
  { name: 'Net-5', links: 5194, weights: 1060, percent: 98.4 },
]
