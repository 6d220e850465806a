// `unshared/node`: features that need files or a terminal.

export { writeFileAtomically } from './atomic-file.ts'
export type { BackupAndRestoreOptions } from './backup-and-restore.ts'
export { BackupAndRestore } from './backup-and-restore.ts'
export type { CSVLoggerOptions } from './csv-logger.ts'
export { CSVLogger } from './csv-logger.ts'
export type { ModelCheckpointOptions } from './model-checkpoint.ts'
export { ModelCheckpoint } from './model-checkpoint.ts'
export type { Output, ProgressBarOptions } from './progress-bar.ts'
export { ProgressBar } from './progress-bar.ts'
export { writeCases } from './write-cases.ts'
