// The page: a file that is chosen is loaded, and what it predicts is shown.

import { loadModel, loadWeights, saveModel } from 'unshared/keras'
import { newModel, predictedBits } from './model.ts'

interface Input {
  readonly files: readonly { readonly name: string; readonly size: number; arrayBuffer(): Promise<ArrayBuffer> }[]
  onchange: () => void
}
const { document } = globalThis as unknown as { document: { querySelector<T>(selector: string): T } }
const input = document.querySelector<Input>('input')
const output = document.querySelector<{ textContent: string; className: string }>('output')

input.onchange = async () => {
  const [file] = input.files
  try {
    const hasWeightsOnly = /weights|safetensors/.test(file.name)
    const model = hasWeightsOnly ? newModel(2) : await loadModel(file)
    if (hasWeightsOnly) await loadWeights(model, file)
    output.textContent = await predictedBits(model)
    if (!/safetensors/.test(file.name))
      Object.assign(globalThis, { saved: [...(await saveModel(model, { format: 'h5' }))] })
  } catch (error) {
    output.textContent = String(error)
  }
  output.className = 'done'
}
