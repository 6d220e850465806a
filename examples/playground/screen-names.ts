// The screens, in their order.

export const screenNames = [
  'unit',
  'count',
  'race',
  'mosaic',
  'shift',
  'share',
  'place',
  'draw',
  'check',
  'history',
  'forward',
  'build',
  'own',
  'files',
] as const
export type ScreenName = (typeof screenNames)[number]
