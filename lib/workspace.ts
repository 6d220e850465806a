// Where models compute whose layers may meet: an engine, and a list of the numbers that live in its memory. Kernels run at
// full speed only on numbers of one memory, so models that share a layer join their workspaces: all of one moves to the
// other.

import type { Block, Calls, Engine, Kernels, Region } from './engine.ts'
import { createEngine, type EngineOptions } from './engines.ts'
import { ArgumentError } from './errors.ts'
import type { Stretches } from './kernels/stretches.ts'
import { ballastFor } from './simd/memory.ts'

/** An engine that stays the same object when its numbers move to the memory of another one. */
export class Workspace implements Engine {
  #place: Place

  /** @param options what was asked for; what was not may change when workspaces join */
  constructor(options: EngineOptions = {}) {
    this.#place = {
      engine: createEngine(options),
      asked: options,
      holdings: new Set(),
      next: null,
      joined: false,
    }
  }

  get name(): Engine['name'] {
    return this.#engine.name
  }

  get threads(): number {
    return this.#engine.threads
  }

  get kernels(): Kernels {
    return this.#engine.kernels
  }

  optimizersWithin(stretches: Stretches): Kernels['optimizers'] {
    return this.#engine.optimizersWithin(stretches)
  }

  report(): Record<string, Calls> {
    return this.#engine.report()
  }

  region(): Region {
    return new MovableRegion(this.#present())
  }

  /**
   * From now on both have one memory: that of the engine that was asked for, else that of the larger. Numbers move with
   * their values; arrays that were read from blocks before are no longer theirs.
   * @throws ArgumentError where both were asked for, and differ; StateError where there is no room. Nothing has moved then
   */
  join(other: Workspace): void {
    const [own, others] = [this.#present(), other.#present()]
    if (own === others) return
    const asked = agreed(others.asked, own.asked)
    const fitting = [own, others].filter(({ engine }) => suits(engine, asked))
    const larger = sizeIn(others) > sizeIn(own) ? others : own
    const { engine } = fitting.length === 2 ? larger : (fitting[0] ?? { engine: createEngine(asked) })
    const moves = [own, others].flatMap(place => (place.engine === engine ? [] : [...place.holdings]))
    moveTo(engine, moves)
    const holdings = new Set([...own.holdings, ...others.holdings])
    const place: Place = { engine, asked, holdings, next: null, joined: true }
    own.next = place
    others.next = place
    for (const holding of holdings) holding.ticket.release = () => giveBack(place, holding)
  }

  get #engine(): Engine {
    return this.#present().engine
  }

  #present(): Place {
    if (this.#place.next) this.#place = presentOf(this.#place)
    return this.#place
  }
}

/** What workspaces that joined have together. */
interface Place {
  readonly engine: Engine
  readonly asked: EngineOptions
  readonly holdings: Set<Holding>
  /** Where all of it has moved to. */
  next: Place | null
  /** Whether several workspaces live here. */
  readonly joined: boolean
}

function presentOf(place: Place): Place {
  let present = place
  while (present.next) present = present.next
  return present
}

/** The blocks of a region, wherever they are now. */
interface Holding {
  region: Region
  readonly cells: Cell[]
  readonly ticket: Ticket
}

interface Cell {
  block: Block
  readonly length: number
}

/**
 * What is done when an owner drops a region without a word. Alone in its memory that needs nothing: the memory is dropped
 * with it, at once. (So the ticket refers to nothing then: a registry would keep it until the event loop has a turn.)
 */
interface Ticket {
  release: (() => void) | null
}
const dropped = new FinalizationRegistry<Ticket>(({ release }) => release?.())

function giveBack(place: Place, holding: Holding): void {
  presentOf(place).holdings.delete(holding)
  holding.region.release()
}

class MovableRegion implements Region {
  readonly #place: Place
  readonly #holding: Holding
  /** See `ballastFor`: what lives in a memory that stays is not collected with it. */
  readonly #ballast: ArrayBuffer[] = []

  constructor(place: Place) {
    this.#place = place
    const holding: Holding = { region: place.engine.region(), cells: [], ticket: { release: null } }
    this.#holding = holding
    if (place.joined) holding.ticket.release = () => giveBack(place, holding)
    place.holdings.add(holding)
    dropped.register(this, holding.ticket)
  }

  alloc(length: number): Block {
    const { region, cells } = this.#holding
    const cell: Cell = { block: region.alloc(length), length }
    cells.push(cell)
    if (presentOf(this.#place).joined) this.#ballast.push(ballastFor(4 * length))
    return new MovableBlock(cell, this)
  }

  release(): void {
    this.#holding.ticket.release = null
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
      blocks[j].array.set(cell.block.array)
      cell.block = blocks[j]
    })
    holding.region = region
  })
}

function sizeIn({ holdings }: Place): number {
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
