// Where models compute whose layers may meet: an engine, and a list of the numbers that live in its memory. Kernels run at
// full speed only on numbers of one memory, so models that share a layer join their workspaces: all of one moves to the
// other.

import { ArgumentError } from '../core/errors.ts'
import type { Block, Calls, Engine, Kernel, Region } from '../engine/engine.ts'
import { createEngine, type EngineOptions } from './choose-engine.ts'
import { ballastFor } from './memory.ts'

/** An engine that stays the same object when its numbers move to the memory of another one. */
export class Workspace implements Engine {
  #place: Place

  /** @param options what was asked for; what was not may change when workspaces join */
  constructor(options: EngineOptions = {}) {
    const engine = createEngine(options)
    const dropped = new FinalizationRegistry<Holding>(holding => giveBack(place, holding))
    const place: Place = {
      to: { engine, asked: options, kernels: new Map(), holdings: new Set(), dropped: [dropped] },
    }
    this.#place = place
  }

  get name(): Engine['name'] {
    return this.#engine.name
  }

  get threads(): number {
    return this.#engine.threads
  }

  kernel<K extends Kernel>(reference: K): K {
    const { engine, kernels } = homeOf(this.#place)
    let own = kernels.get(reference)
    if (!own) kernels.set(reference, (own = engine.kernel(reference)))
    return own as K
  }

  report(): Record<string, Calls> {
    return this.#engine.report()
  }

  region(): Region {
    return new MovableRegion(this.#last())
  }

  /**
   * From now on both have one memory: that of the engine that was asked for, else that of the larger. Numbers move with
   * their values; arrays that were read from blocks before are no longer theirs.
   * @throws ArgumentError where both were asked for, and differ; StateError where there is no room. Nothing has moved then
   */
  join(other: Workspace): void {
    const [own, others] = [homeOf(this.#place), homeOf(other.#place)]
    if (own === others) return
    const asked = agreed(others.asked, own.asked)
    const fitting = [own, others].filter(({ engine }) => suits(engine, asked))
    const larger = sizeIn(others) > sizeIn(own) ? others : own
    const { engine } = fitting.length === 2 ? larger : (fitting[0] ?? { engine: createEngine(asked) })
    const moves = [own, others].flatMap(home => (home.engine === engine ? [] : [...home.holdings]))
    moveTo(engine, moves)
    const holdings = new Set([...own.holdings, ...others.holdings])
    const dropped = [...own.dropped, ...others.dropped]
    const place: Place = { to: { engine, asked, kernels: new Map(), holdings, dropped } }
    this.#last().to = place
    other.#last().to = place
  }

  get #engine(): Engine {
    return homeOf(this.#place).engine
  }

  #last(): Place {
    this.#place = lastOf(this.#place)
    return this.#place
  }
}

/** Where workspaces that joined are together. */
interface Home {
  readonly engine: Engine
  readonly asked: EngineOptions
  /** The engine's versions of the kernels that were asked for. */
  readonly kernels: Map<Kernel, Kernel>
  readonly holdings: Set<Holding>
  /**
   * What gives back the memory of regions that nobody refers to any more: a registry of each workspace. They belong to the
   * home, and are collected with it: models that are dropped as a whole wait for no turn of the event loop.
   */
  readonly dropped: readonly FinalizationRegistry<Holding>[]
}

/** Leads to a home; or to another place, once all has moved. */
interface Place {
  to: Home | Place
}

function lastOf(place: Place): Place {
  let last = place
  while ('to' in last.to) last = last.to
  return last
}

const homeOf = (place: Place): Home => lastOf(place).to as Home

/** The blocks of a region, wherever they are now. */
interface Holding {
  region: Region
  readonly cells: Cell[]
}

interface Cell {
  block: Block
  readonly length: number
  isOpen: boolean
}

function giveBack(place: Place, holding: Holding): void {
  homeOf(place).holdings.delete(holding)
  holding.region.release()
}

class MovableRegion implements Region {
  readonly #place: Place
  readonly #holding: Holding
  readonly #dropped: FinalizationRegistry<Holding>
  /** See `ballastFor`: what lives in a memory that stays is not collected with it. */
  readonly #ballast: ArrayBuffer[] = []

  constructor(place: Place) {
    this.#place = place
    const { engine, holdings, dropped } = homeOf(place)
    this.#holding = { region: engine.region(), cells: [] }
    holdings.add(this.#holding)
    this.#dropped = dropped[0]
    this.#dropped.register(this, this.#holding, this)
  }

  alloc(length: number): Block {
    const { region, cells } = this.#holding
    const cell: Cell = { block: region.alloc(length), length, isOpen: false }
    cells.push(cell)
    if (homeOf(this.#place).dropped.length > 1) this.#ballast.push(ballastFor(4 * length))
    return new MovableBlock(cell, this)
  }

  release(): void {
    this.#dropped.unregister(this)
    giveBack(this.#place, this.#holding)
    this.#holding.cells.length = 0
    this.#ballast.length = 0
  }
}

/** As long as it can be reached, so can its region, which is not given back then. */
class MovableBlock implements Block {
  readonly region: MovableRegion
  readonly #cell: Cell

  constructor(cell: Cell, region: MovableRegion) {
    this.#cell = cell
    this.region = region
  }

  get array(): Float32Array {
    return this.#cell.block.array
  }

  open(): Float32Array {
    const cell = this.#cell
    if (cell.isOpen) return cell.block.array
    cell.isOpen = true
    return cell.block.open()
  }

  set(values: Float32Array): void {
    this.#cell.block.set(values)
  }
}

/** All or nothing. */
function moveTo(engine: Engine, holdings: readonly Holding[]): void {
  const moved: { region: Region; blocks: Block[] }[] = []
  try {
    for (const { cells } of holdings) {
      const region = engine.region()
      const blocks: Block[] = []
      moved.push({ region, blocks })
      for (const { length } of cells) blocks.push(region.alloc(length))
    }
  } catch (error) {
    for (const { region } of moved) region.release()
    throw error
  }
  holdings.forEach((holding, i) => {
    const { region, blocks } = moved[i]
    holding.cells.forEach((cell, j) => {
      blocks[j].set(cell.block.array)
      cell.block = blocks[j]
      if (cell.isOpen) cell.block.open()
    })
    holding.region = region
  })
}

function sizeIn({ holdings }: Home): number {
  let size = 0
  for (const { cells } of holdings) for (const { length } of cells) size += length
  return size
}

function agreed(a: EngineOptions, b: EngineOptions): EngineOptions {
  const both = { ...a, ...b }
  const isReference = both.engine === 'reference'
  for (const key of isReference ? (['engine'] as const) : (['engine', 'threads'] as const))
    if (a[key] !== undefined && b[key] !== undefined && a[key] !== b[key])
      throw new ArgumentError(
        key,
        b[key],
        `${JSON.stringify(a[key])}, as another model has it`,
        'Models that share a layer have one memory',
      )
  return both
}

const suits = ({ name, threads }: Engine, asked: EngineOptions) =>
  (asked.engine === undefined || asked.engine === name) &&
  (asked.threads === undefined || asked.threads === threads || name === 'reference')
