import type { Config } from '../../lib/core/registry.ts'

/** Options without which a metric cannot be made. */
export const requiredOfMetrics: Readonly<Record<string, Config>> = {
  IoU: { numClasses: 2, targetClassIds: [0] },
  MeanIoU: { numClasses: 2 },
  OneHotIoU: { numClasses: 2, targetClassIds: [0] },
  OneHotMeanIoU: { numClasses: 2 },
  PrecisionAtRecall: { recall: 0.5 },
  RecallAtPrecision: { precision: 0.5 },
  SensitivityAtSpecificity: { specificity: 0.5 },
  SpecificityAtSensitivity: { sensitivity: 0.5 },
}
