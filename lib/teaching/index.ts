// `unshared/teaching`: checks locally connected layers that others have written.

export type { ArrayForm, CandidateGradients, LayerCandidate, NumberType } from './candidate.ts'
export { locallyConnectedCases } from './case-files.ts'
export type { CheckOptions } from './check.ts'
export { checkLocallyConnected } from './check.ts'
export type { LayerExample, LayerFault, LayerFinding, LayerReport } from './report.ts'
export type { LayerSizes } from './sizes.ts'
