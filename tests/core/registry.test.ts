import { describe, expect, test } from '@jest/globals'
import { ArgumentError } from '../../lib/core/errors.ts'
import { type Config, registry } from '../../lib/core/registry.ts'

class Thing {
  readonly className = 'BigThing'
  readonly size: number
  constructor({ size = 1 }: { size?: number } = {}) {
    this.size = size
  }
  getConfig(): Config {
    return { size: this.size }
  }
}

const bare = () => registry<Thing>('thing', value => value instanceof Thing)

const things = () =>
  bare().fill(
    { BigThing: config => new Thing(config) },
    { big_thing: 'BigThing', huge_thing: () => new Thing({ size: 9 }) },
  )

describe('get', () => {
  test.each(['BigThing', 'big_thing', 'bigThing'])('knows %s', name => {
    expect(things().get(name).size).toBe(1)
  })

  test('knows aliases with other defaults', () => {
    expect(things().get('huge_thing').size).toBe(9)
    expect(things().get('hugeThing').size).toBe(9)
  })

  test('takes a config in both spellings', () => {
    expect(things().get({ className: 'BigThing', config: { size: 3 } }).size).toBe(3)
    expect(things().get({ class_name: 'BigThing', config: { size: 3 } }).size).toBe(3)
  })

  test('takes an object as it is', () => {
    const thing = new Thing()
    expect(things().get(thing)).toBe(thing)
  })

  test.each(['toString', '__proto__', 'constructor', 'bigthing', 'Big_thing', ''])('refuses the name %p', name => {
    expect(() => things().get(name)).toThrow(ArgumentError)
    expect(() => things().get({ className: name, config: {} })).toThrow(
      /^thing: expected one of BigThing, big_thing, huge_thing/,
    )
  })

  test.each([3, null, undefined, {}, [], { config: {} }])('refuses %p', value => {
    expect(() => things().get(value)).toThrow(/^thing: expected a name, \{ className, config \}/)
  })

  test('takes null for none only where none is meant', () => {
    expect(things().getOptional(null)).toBeNull()
    expect(things().getOptional(undefined)).toBeNull()
    expect(things().getOptional('big_thing')?.size).toBe(1)
  })
})

test.each([null, 3, 'size', [1]])('a config that is %p is refused by name', config => {
  expect(() => things().get({ className: 'BigThing', config })).toThrow(
    /^config of thing: expected an object with options, received/,
  )
})

test('serialize and get are inverse', () => {
  const table = things()
  const written = table.serialize(new Thing({ size: 4 }))
  expect(written).toEqual({ className: 'BigThing', config: { size: 4 } })
  expect(table.get(written).size).toBe(4)
})

test('a class of one’s own is found after it was registered, and takes nobody’s place', () => {
  const table = things()
  expect(table.has('Mine')).toBe(false)
  table.register('Mine', () => new Thing({ size: 5 }))
  expect(table.has('Mine')).toBe(true)
  expect(table.get('Mine').size).toBe(5)
  expect(table.names).toContain('Mine')
  expect(() => table.register('BigThing', () => new Thing())).toThrow(/taken/)
})

describe('without names', () => {
  test('an object is taken; a name is refused with the import that makes it known', () => {
    const thing = new Thing()
    expect(bare().get(thing)).toBe(thing)
    const refusal = /^thing: expected the thing itself, received "big_thing"\. .*import 'unshared\/names'/
    expect(() => bare().get('big_thing')).toThrow(refusal)
    expect(() => bare().get({ className: 'BigThing', config: {} })).toThrow(/import 'unshared\/names'/)
  })

  test('names of one’s own are known, and stay when the others come', () => {
    const table = bare()
    table.register('BigThing', () => new Thing({ size: 7 }))
    expect(table.get('BigThing').size).toBe(7)
    expect(() => table.get('Small')).toThrow(/expected one of BigThing, or the thing itself,/)
    table.fill({ BigThing: config => new Thing(config) }, { big_thing: 'BigThing' })
    expect(table.get('big_thing').size).toBe(7)
    expect(() => table.get('Small')).toThrow(/expected one of BigThing, big_thing,/)
  })
})
