// Before all tests: programs that Node has to start by itself, and a folder for the files that tests leave.
import { bundleParseWorker } from '../../scripts/bundle-parse-worker.js'
import { folder } from './temporary-folder.js'

export default async () => {
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = folder
  await bundleParseWorker()
}
