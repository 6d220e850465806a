// Runs the program in a process of Node and the like: also tells how many threads were started, and the codes of warnings.

export async function withWarnings(run, threads = 2) {
  const warnings = []
  let workers = 0
  process.on('warning', ({ code, name }) => warnings.push(code ?? name))
  process.on('worker', () => workers++)
  const result = await run(threads)
  await new Promise(resolve => setTimeout(resolve, 100)) // warnings come later
  return { ...result, workers, warnings }
}

export async function tell(run) {
  console.log(JSON.stringify(await withWarnings(run, process.argv.includes('--one-thread') ? undefined : 2)))
  process.exit(0)
}
