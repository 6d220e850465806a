// A Python environment with the peers, made where it is missing: tests/benchmarks/.venv, which git ignores.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** PyTorch comes from PyPI with its CUDA libraries, 5 GB that are not used: there is no smaller package of it there. */
const packages = ['tensorflow-cpu==2.21.0', 'tf-keras==2.21.0', 'jax', 'numpy', 'torch']

export const python = (folder: string) =>
  process.platform === 'win32' ? join(folder, '.venv/Scripts/python.exe') : join(folder, '.venv/bin/python')

/** @throws Error when Python is missing or the packages can't be installed */
export function makePythonEnvironment(folder: string): void {
  const ready = 'import tf_keras, jax, torch'
  const probe = () =>
    spawnSync(python(folder), ['-c', ready], { env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' } }).status === 0
  if (existsSync(python(folder)) && probe()) return
  console.log('installing the Python peers into tests/benchmarks/.venv (some gigabytes) …')
  run('python3', ['-m', 'venv', join(folder, '.venv')])
  run(python(folder), ['-m', 'pip', 'install', '--quiet', ...packages])
}

/** Installs the peers from npm where they are missing. */
export function makeNodePeers(folder: string): void {
  if (existsSync(join(folder, 'node_modules/@tensorflow/tfjs-backend-wasm'))) return
  console.log('installing TensorFlow.js into tests/benchmarks/node_modules …')
  run('npm', ['ci', '--prefix', folder, '--no-audit', '--no-fund'])
}

function run(file: string, args: readonly string[]): void {
  const { status, error } = spawnSync(file, args, { stdio: 'inherit' })
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}`)
}
