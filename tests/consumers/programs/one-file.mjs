import * as unshared from './node_modules/unshared/dist/unshared.min.js'
import { train } from './train.mjs'

globalThis.result = train(unshared, 2).then(({ model, losses }) => ({
  losses,
  engine: model.engine.name,
  threads: 2,
  loads: true,
}))
