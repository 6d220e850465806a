import * as unshared from 'unshared'
import { train } from './train.mjs'

globalThis.result = train(unshared, 2).then(({ model, losses }) => ({
  losses,
  engine: model.engine.name,
  threads: 2,
  loads: true,
}))
