// What every consumer runs: trains, saves, loads, predicts.

import { Adam, Dense, Flatten, LocallyConnected2D, Sequential, Tensor } from 'unshared'
import { take } from 'unshared/data'
import { loadModel, saveModel } from 'unshared/keras'
import { train } from './train.mjs'

/** @param threads undefined: the default @returns numbers that are the same everywhere, and what computed them */
export async function run(threads) {
  const library = { Adam, Dense, Flatten, LocallyConnected2D, Sequential, Tensor }
  const { model, x, losses } = await train(library, threads)
  const few = take(x, [5, 2, 7])
  const loaded = await loadModel(await saveModel(model, { format: 'h5' }))
  const { name: engine, threads: most } = model.engine
  return { losses, engine, threads: most, loads: (await loaded.predict(few)).equals(await model.predict(few)) }
}
