// `node scripts/run-ts.js tests/examples/runs-1989.ts [RUNS]`: the five nets of 1989 as the playground trains them, many
// times. Its numbers stand on the page and in examples/playground/README.md.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { setEngineDefaults, stream } from 'unshared'
import { readForms } from '../../examples/playground/digits-1989.ts'
import { train1989 } from '../../examples/playground/nets-1989.ts'
import { printed } from '../../examples/playground/printed-1989.ts'
import { summarize } from '../../examples/playground/runs-1989.ts'

const count = Number(process.argv[2] ?? 200)
const redrawn = 2000

setEngineDefaults({ threads: 1 })
const forms = readForms(gunzipSync(readFileSync('examples/data/digits.csv.gz')).toString())
const start = performance.now()
const runs: number[][] = []
for (let run = 1; run <= count; run++) {
  runs.push([])
  for (const { name } of printed) runs[run - 1].push((await train1989(name, run, forms)).test)
}
const each = Math.round((performance.now() - start) / count)

const { mean, deviation, inOrder, lastBest } = summarize(runs)
printed.forEach(({ name, percent }, i) => {
  const [here, spread] = [mean[i], deviation[i]].map(value => (100 * value).toFixed(1))
  console.log(`${name}   1989: ${percent.toFixed(1)} %   here: ${here} % ± ${spread}`)
})
console.log(
  `of ${count} runs (${each} ms each) ${inOrder} are in the order of 1989; in ${lastBest} Net-5 alone is best`,
)
// Drawn again from these runs: what to expect of fewer.
for (const size of [1, 5, 10, 20, 50]) {
  const random = stream(`drawn again/${size}`)
  const means = Array.from({ length: redrawn }, () =>
    summarize(Array.from({ length: size }, () => runs[Math.floor(random() * count)])),
  )
  const share = (holds: (summary: (typeof means)[number]) => boolean) =>
    `${((100 * means.filter(holds).length) / redrawn).toFixed(0)} %`
  const best = share(({ mean }) => mean[4] > Math.max(...mean.slice(0, 4)))
  console.log(`the mean of ${size}: in that order ${share(({ meansInOrder }) => meansInOrder)}, Net-5 best ${best}`)
}
