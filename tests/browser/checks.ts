// Named checks that run one after the other, or some at once, and are counted.

export interface Check {
  readonly name: string
  run(): Promise<void>
}

/**
 * Prints a line for each and the sum at the end. Returns whether all passed, and whether there were any.
 *
 * @param atOnce how many run at the same time
 */
export async function runChecks(checks: readonly Check[], atOnce = 1): Promise<boolean> {
  const waiting = [...checks]
  let failed = 0
  async function runWaiting(): Promise<void> {
    for (let check = waiting.shift(); check; check = waiting.shift()) if (!(await passes(check))) failed++
  }
  await Promise.all(Array.from({ length: atOnce }, runWaiting))
  console.log(`${checks.length - failed} passed, ${failed} failed`)
  return failed === 0 && checks.length > 0
}

async function passes({ name, run }: Check): Promise<boolean> {
  const start = Date.now()
  try {
    await run()
    console.log(`ok    ${name} (${Date.now() - start} ms)`)
    return true
  } catch (error) {
    console.log(`FAIL  ${name}\n${error instanceof Error ? error.stack : error}`)
    return false
  }
}

export function assertEqual(found: unknown, expected: unknown, what: string): void {
  const [a, b] = [found, expected].map(value => JSON.stringify(value))
  if (a !== b) throw new Error(`${what}: expected ${b}, received ${a}`)
}
