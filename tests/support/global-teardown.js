import { rmSync } from 'node:fs'
import { folder } from './temporary-folder.js'

export default () => rmSync(folder, { recursive: true, force: true })
