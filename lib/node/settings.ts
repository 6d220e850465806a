// Settings from the surroundings of a process. Deno, and Node with `--permission`, refuse to read what was not allowed: such
// a setting counts as not set.

/** The value, or `undefined` where it may not be read. */
export function readable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** An environment variable; `undefined` if it is not set, or may not be read. */
export const variable = (name: string): string | undefined => readable(() => process.env[name])
