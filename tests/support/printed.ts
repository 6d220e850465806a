/** The text of each call of `console.log` during `run`. */
export async function printedBy(run: () => Promise<unknown>): Promise<string[]> {
  const printed: string[] = []
  const { log } = console
  console.log = (text: unknown) => printed.push(String(text))
  try {
    await run()
  } finally {
    console.log = log
  }
  return printed
}
