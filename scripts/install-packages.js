// The packages of a part of the project, in its own folder, when it first runs: the library itself doesn't need them.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/**
 * Installs what `package-lock.json` of the folder names, unless it is there, without the packages' own scripts. Ends the
 * process where npm fails.
 * @param folder its path from the project's root, where npm runs programs
 * @param what is installed, in words
 */
export function installPackages(folder, what) {
  if (existsSync(`${folder}/node_modules`)) return
  console.log(`installing ${what} into ${folder}/node_modules …`)
  const args = ['ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund']
  const { status } = spawnSync('npm', args, { stdio: 'inherit', shell: process.platform === 'win32' })
  if (status !== 0) process.exit(1)
}
