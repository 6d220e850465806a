// Linux keeps the most memory that a process ever had, and can be told to begin anew.

import { readFileSync, writeFileSync } from 'node:fs'

/** @returns the megabytes in use now; `null` where the system doesn't tell */
export function restartPeak(): number | null {
  try {
    writeFileSync('/proc/self/clear_refs', '5')
  } catch {
    return null
  }
  return usedMemory('VmRSS')
}

/** Megabytes: now (VmRSS), or at most since the peak was restarted (VmHWM). */
export function usedMemory(field: 'VmRSS' | 'VmHWM'): number | null {
  try {
    const found = new RegExp(`${field}:\\s*(\\d+) kB`).exec(readFileSync('/proc/self/status', 'utf8'))
    return found && Number(found[1]) / 1e3
  } catch {
    return null
  }
}
