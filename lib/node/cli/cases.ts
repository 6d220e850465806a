// `unshared cases`: the cases of `checkLocallyConnected` as files.

import { writeCases } from '../write-cases.ts'
import type { Command } from './command.ts'
import { print } from './streams.ts'

export const cases: Command = {
  usage: 'DIR',
  summary: 'write cases for layers in NumPy, PyTorch and other languages',
  details: [
    'An .npz and a .json file for each case: a geometry, x, kernel, bias, dy, and what a right layer makes of them.',
  ],
  options: { json: { type: 'boolean', help: 'print the names of the files as JSON' } },
  counts: [1, 1],
  async run({ positionals: [folder], values }) {
    const files = await writeCases(folder)
    await print(values.json === true ? JSON.stringify({ folder, files }) : `${files.length} files in ${folder}`)
  },
}
