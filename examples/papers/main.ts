// `npm run papers`: makes anew what the literature found about locally connected nets.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installMnist } from './install.ts'
import { readOptions, usage } from './options.ts'
import { type PageResults, resultsOf, writePage } from './page.ts'
import { showProgress } from './progress.ts'
import { printed } from './report.ts'
import { runAll } from './runner.ts'

async function main(args: readonly string[]): Promise<void> {
  const { chosen, size, writesPage, threads, out, help } = readOptions(args)
  if (help) {
    console.log(usage)
    return
  }
  const others = chosen.filter(({ needsMnist }) => !needsMnist)
  if (size !== 'mini' && others.length < chosen.length) installMnist(others.map(({ name }) => name))
  const progress = showProgress()
  const finished = await runAll(chosen, { size, threads, folder: out, onProgress: progress.update }).finally(
    progress.stop,
  )
  for (const one of finished) for (const line of printed(one)) console.log(line)

  const results: PageResults = { size, experiments: finished.map(resultsOf) }
  mkdirSync(out, { recursive: true })
  writeFileSync(join(out, 'results.json'), `${JSON.stringify(results)}\n`)
  console.log(`page: ${writePage(results, join(out, 'papers.md'), join(out, 'images'))}`)
  if (!writesPage) return
  writeFileSync('examples/papers/results.json', `${JSON.stringify(results)}\n`)
  console.log(`page: ${writePage(results, 'docs/papers.md', 'docs/images')}`)
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  console.error(error)
  process.exitCode = 1
}
