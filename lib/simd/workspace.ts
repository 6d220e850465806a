// Workspaces of models that may share layers: an engine, and a list of the blocks in its memory. Kernels run at full
// speed only if all arrays are in one memory, so models that share a layer join their workspaces: the blocks of one
// move to the memory of the other.

import { ArgumentError } from '../core/errors.ts'
import type { Block, Calls, Engine, Kernel, Region } from '../engine/engine.ts'
import { type Asked, createEngine } from './choose-engine.ts'
import { ballastFor } from './memory.ts'

/** An engine that remains the same object when its numbers move to the memory of another engine. */
export class Workspace implements Engine {
  #place: Place

  /** @param options the requested options; those left out may change when workspaces join */
  constructor(options: Asked = {}) {
    const engine = createEngine(options)
    const dropped = new FinalizationRegistry<Holding>(holding => giveBack(place, holding))
    const place: Place = { to: { engine, asked: options, kernels: new Map(), holdings: new Set(), dropped: [dropped] } }
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
   * Gives both workspaces one memory: that of the requested engine, else that of the larger workspace. Blocks keep
   * their values when they move; arrays read from them earlier become invalid.
   * @throws ArgumentError when requested options conflict; StateError when memory is exhausted. Nothing moves then
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

/** The shared state of workspaces that have joined. */
interface Home {
  readonly engine: Engine
  readonly asked: Asked
  /** The engine's versions of the reference kernels requested so far. */
  readonly kernels: Map<Kernel, Kernel>
  readonly holdings: Set<Holding>
  /**
   * Registries, one per workspace, that release the memory of unreachable regions. They belong to the home and are
   * collected with it, so models that are dropped as a whole need no turn of the event loop.
   */
  readonly dropped: readonly FinalizationRegistry<Holding>[]
}

/** Refers to a home or, after a join, to another place. */
interface Place {
  to: Home | Place
}

function lastOf(place: Place): Place {
  let last = place
  while ('to' in last.to) last = last.to
  return last
}

const homeOf = (place: Place): Home => lastOf(place).to as Home

/** The blocks of a region, in their current memory. */
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
  /** See `MOST_BALLAST`. After a join, the memory may outlive a dropped region, so each region has its own ballast. */
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

/** A block that refers to its region, so that the region is not released while the block is reachable. */
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

/** Moves all holdings to the engine's memory, or none if an allocation fails. */
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

function agreed(a: Asked, b: Asked): Asked {
  const engine = common('engine', a.engine, b.engine)
  const threads = engine === 'reference' ? undefined : common('threads', a.threads, b.threads)
  return { engine, threads }
}

function common<T>(option: string, a: T, b: T): T {
  if (a === undefined || b === undefined || a === b) return b ?? a
  const expected = `${JSON.stringify(a)}, as in another model`
  throw new ArgumentError(option, b, expected, 'Models that share a layer share memory')
}

const suits = ({ name, threads }: Engine, asked: Asked) =>
  (asked.engine === undefined || asked.engine === name) &&
  (asked.threads === undefined || asked.threads === threads || name === 'reference')
