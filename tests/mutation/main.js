// `npm run mutation [-- --concurrency N --again AREA …]`: changes the code in many small ways and counts the changes that
// some test notices. Of each area out/mutation/AREA/ then holds a report to look at and the list of the survivors; with
// `--again`, only these and what is new are tried. The exit code is 1 where the score of all areas is too low.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { installPackages } from '../../scripts/install-packages.js'
import { areas } from './areas.js'

const least = 85 // percent
const here = fileURLToPath(new URL('.', import.meta.url))

const { values, positionals } = parseArgs({
  options: { concurrency: { type: 'string', default: '2' }, again: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const unknown = positionals.filter(name => !Object.hasOwn(areas, name))
if (unknown.length > 0) {
  console.error(`No such area: ${unknown.join(', ')}. There are ${Object.keys(areas).join(', ')}.`)
  process.exit(2)
}
installPackages('tests/mutation', 'Stryker')
const { Stryker } = await import('@stryker-mutator/core')

process.chdir(fileURLToPath(new URL('../..', import.meta.url)))
const rows = []
for (const name of positionals.length > 0 ? positionals : Object.keys(areas)) rows.push(await run(name))
const sum = key => rows.reduce((total, row) => total + row[key], 0)
const all = Object.fromEntries(['mutants', 'killed', 'survived', 'minutes'].map(key => [key, sum(key)]))
rows.push({ area: 'all', ...all })
console.table(rows.map(row => ({ ...row, minutes: row.minutes.toFixed(1), score: score(row).toFixed(1) })))
if (score(all) < least) process.exitCode = 1

async function run(area) {
  const { mutate } = areas[area]
  const out = `out/mutation/${area}`
  process.env.UNSHARED_MUTATION_AREA = JSON.stringify(areas[area]) // area.ts reads it in the runner's processes
  if (values.again) forgetSurvivors(`${out}/incremental.json`)
  const start = Date.now()
  const results = await new Stryker({
    mutate,
    mutator: { excludedMutations: ['StringLiteral'] }, // nearly all are the texts of errors
    ignorePatterns: [
      '.ci',
      'dist',
      'docs',
      'out',
      'coverage',
      'tests/*/node_modules',
      'tests/benchmarks/.venv',
      '.venv',
    ],
    tempDirName: 'out/mutation/sandbox', // where jest looks for no modules
    plugins: [fileURLToPath(import.meta.resolve('@stryker-mutator/jest-runner')), `${here}loop-steps.js`],
    ignorers: ['loop-steps'],
    testRunner: 'jest',
    testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
    jest: { configFile: 'tests/mutation/jest.config.js', enableFindRelatedTests: false },
    tsconfigFile: 'none', // else Stryker rewrites it with an API that TypeScript 7 no longer has
    coverageAnalysis: 'off', // of ES modules it learns nothing: each would count as covered by no test
    incremental: true,
    force: !values.again,
    incrementalFile: `${out}/incremental.json`,
    concurrency: Number(values.concurrency),
    timeoutMS: 5_000, // of loops that have become endless
    disableTypeChecks: false,
    reporters: ['progress-append-only', 'html', 'json'],
    htmlReporter: { fileName: `${out}/report.html` },
    jsonReporter: { fileName: `${out}/report.json` },
    allowConsoleColors: false,
  }).runMutationTest()
  const survivors = results.filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
  writeFileSync(`${out}/survivors.txt`, survivors.map(described).join(''))
  const killed = results.filter(({ status }) => status === 'Killed' || status === 'Timeout').length
  const minutes = (Date.now() - start) / 60_000
  return { area, mutants: killed + survivors.length, killed, survived: survivors.length, minutes }
}

function score({ mutants, killed }) {
  return (100 * killed) / Math.max(1, mutants)
}

/** What is known of the others stays. */
function forgetSurvivors(file) {
  const known = JSON.parse(readFileSync(file, 'utf8'))
  for (const source of Object.values(known.files))
    source.mutants = source.mutants.filter(({ status }) => status !== 'Survived')
  writeFileSync(file, JSON.stringify(known))
}

/** Where a mutant is, and what it changed. */
function described({ fileName, mutatorName, location: { start, end }, replacement }) {
  const lines = readFileSync(fileName, 'utf8')
    .split('\n')
    .slice(start.line - 1, end.line)
  lines.push(lines.pop().slice(0, end.column - 1))
  const original = lines.join(' ').slice(start.column - 1)
  const short = text => text.replace(/\s+/g, ' ').slice(0, 120)
  const place = `${fileName.slice(process.cwd().length + 1)}:${start.line}:${start.column}`
  return `${place} ${mutatorName}\n  - ${short(original)}\n  + ${short(replacement)}\n`
}
