// `npm run cases -- DIR`: writes the cases of the check of layers, for NumPy, PyTorch and other languages.

import { writeCases } from 'unshared/node'

const [folder] = process.argv.slice(2)
if (folder === undefined) {
  console.error('usage: npm run cases -- DIR')
  process.exitCode = 1
} else {
  const files = await writeCases(folder)
  console.log(`${files.length / 2} cases in ${folder}, each as .npz and as .json`)
}
