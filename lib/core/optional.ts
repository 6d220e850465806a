// Packages that only some users need, loaded on first use.

import { StateError } from './errors.ts'

/** Loads a package. @param users what needs it @throws StateError that says how to install it */
export async function optional<T>(name: string, users: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    throw new StateError(`${users} need the package ${name}: npm install ${name}`, { cause })
  }
}
