// The screens by name.

import type { App, Screen } from '../app.ts'
import type { ScreenName } from '../state.ts'
import { build } from './build.ts'
import { check } from './check.ts'
import { count } from './count.ts'
import { draw } from './draw.ts'
import { files } from './files.ts'
import { forward } from './forward.ts'
import { history } from './history.ts'
import { mosaic } from './mosaic.ts'
import { own } from './own.ts'
import { place } from './place.ts'
import { race } from './race.ts'
import { share } from './share.ts'
import { shift } from './shift.ts'
import { unit } from './unit.ts'

export const screens: Record<ScreenName, (app: App) => Screen> = {
  unit,
  count,
  race,
  mosaic,
  shift,
  share,
  place,
  draw,
  check,
  history,
  forward,
  build,
  own,
  files,
}
