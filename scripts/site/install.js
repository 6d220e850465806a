// The site's packages, in this folder, when it is first built: the library itself doesn't need them.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

if (!existsSync(new URL('node_modules', import.meta.url))) {
  console.log('installing the packages that build the site, into scripts/site/node_modules …')
  const args = ['ci', '--prefix', 'scripts/site', '--ignore-scripts', '--no-audit', '--no-fund']
  const { status } = spawnSync('npm', args, { stdio: 'inherit', shell: process.platform === 'win32' })
  if (status !== 0) process.exit(1)
}
