// A model of half a gigabyte: `node big-file.mjs write FILE`, `… load FILE` or `… weights FILE`. Loading prints how much
// memory it took beyond what the process had before, and for how long.

import { Dense, Flatten, LocallyConnected2D, Sequential } from 'unshared'
import { loadModel, loadWeights, saveModel, saveWeights } from 'unshared/keras'

const [, , action, path] = process.argv

function make(): Sequential {
  const model = new Sequential(
    [
      new LocallyConnected2D({ filters: 64, kernelSize: 7, inputShape: [80, 80, 3] }),
      new Flatten(),
      new Dense({ units: 230, kernelInitializer: 'zeros' }),
    ],
    { seed: 1 },
  )
  model.build([null, 80, 80, 3])
  return model
}

const peak = () => 1024 * process.resourceUsage().maxRSS

if (action === 'write') {
  const isWhole = /\.keras$|model\.h5$/.test(path)
  await (isWhole ? saveModel(make(), path) : saveWeights(make(), path))
} else {
  const model = action === 'weights' ? make() : null
  const [base, before] = [process.memoryUsage.rss(), peak()]
  const start = performance.now()
  const loaded = model ?? (await loadModel(path))
  if (model) await loadWeights(model, path)
  const seconds = (performance.now() - start) / 1000
  const weights = 4 * loaded.countParams()
  process.send?.({ weights, seconds, base, before, beyond: peak() - base - weights })
}
