// Writes a file again and again, all of it the same letter, until it is killed: `node write-forever.mjs FILE`.

import { writeFileAtomically } from '../../../lib/node/atomic-file.ts'

for (let i = 0; ; i++) {
  await writeFileAtomically(process.argv[2], 'abcdef'[i % 6].repeat(300_000 + (i % 6)))
  process.send?.(i)
}
