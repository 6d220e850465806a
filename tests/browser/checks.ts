// Named checks that run one after the other and are counted.

export interface Check {
  readonly name: string
  run(): Promise<void>
}

/** Prints a line for each and the sum at the end. Returns whether all passed, and whether there were any. */
export async function runChecks(checks: readonly Check[]): Promise<boolean> {
  let failed = 0
  for (const { name, run } of checks) {
    const start = Date.now()
    try {
      await run()
      console.log(`ok    ${name} (${Date.now() - start} ms)`)
    } catch (error) {
      failed++
      console.log(`FAIL  ${name}\n${error instanceof Error ? error.stack : error}`)
    }
  }
  console.log(`${checks.length - failed} passed, ${failed} failed`)
  return failed === 0 && checks.length > 0
}

export function assertEqual(found: unknown, expected: unknown, what: string): void {
  const [a, b] = [found, expected].map(value => JSON.stringify(value))
  if (a !== b) throw new Error(`${what}: expected ${b}, received ${a}`)
}
