// Before all tests: programs that Node has to start by itself.
import { bundleParseWorker } from '../../scripts/bundle-parse-worker.js'

export default () => bundleParseWorker()
