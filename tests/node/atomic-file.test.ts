import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { stream } from 'unshared'
import { writeFileAtomically } from '../../lib/node/atomic-file.ts'
import { bundle, ended, start } from '../support/programs.ts'

const folder = () => mkdtempSync(join(tmpdir(), 'unshared-atomic-'))
/** The id of no process: larger than any system gives. */
const nobody = 2 ** 30

test('a file is made, and its content replaced, by text or bytes', async () => {
  const path = join(folder(), 'file')
  await writeFileAtomically(path, 'ä')
  expect(readFileSync(path, 'utf8')).toBe('ä')
  await writeFileAtomically(path, new Uint8Array([1, 2, 3]).subarray(1))
  expect([...readFileSync(path)]).toEqual([2, 3])
})

test('many writes at once leave one content, whole, and no other file', async () => {
  const path = join(folder(), 'file')
  const contents = Array.from('abcdefgh', letter => letter.repeat(10_000))
  await Promise.all(contents.map(content => writeFileAtomically(path, content)))
  expect(contents).toContain(readFileSync(path, 'utf8'))
  expect(readdirSync(join(path, '..'))).toEqual(['file'])
})

test('what killed writers left is removed; what others write stays', async () => {
  const path = join(folder(), 'file')
  const stays = [`file.${process.ppid}-0-0.tmp`, `other.${nobody}-0-0.tmp`, 'file.tmp', 'file.1-2.tmp']
  for (const name of [`file.${nobody}-0-7.tmp`, `file.${process.pid}-0-999999.tmp`, ...stays])
    writeFileSync(join(path, '..', name), '')
  await writeFileAtomically(path, 'new')
  expect(readdirSync(join(path, '..')).sort()).toEqual(['file', ...stays].sort())
})

test('where writing fails, the old file is untouched and nothing is left', async () => {
  const path = join(folder(), 'file')
  writeFileSync(path, 'old')
  const unreadable = Object.defineProperty(new Uint8Array(4), 'byteLength', {
    get() {
      throw new Error('the disk is full')
    },
  })
  await expect(writeFileAtomically(path, unreadable)).rejects.toThrow('the disk is full')
  await expect(writeFileAtomically(path, 1 as never)).rejects.toThrow(/^content: expected text or bytes, received 1/)
  await expect(writeFileAtomically('', 'new')).rejects.toThrow(/^path: expected a non-empty path, received ""/)
  expect(readFileSync(path, 'utf8')).toBe('old')
  expect(readdirSync(join(path, '..'))).toEqual(['file'])
})

test('where the name can’t be taken, nothing is left', async () => {
  const path = join(folder(), 'file')
  mkdirSync(join(path, 'a folder that is not empty'), { recursive: true })
  await expect(writeFileAtomically(path, 'new')).rejects.toMatchObject({ syscall: 'rename' })
  expect(readdirSync(join(path, '..'))).toEqual(['file'])
  await expect(writeFileAtomically(join(path, 'nowhere', 'file'), 'new')).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a link stays a link, and permissions stay', async () => {
  const path = join(folder(), 'file')
  const link = join(path, '..', 'link')
  writeFileSync(path, 'old')
  chmodSync(path, 0o640)
  symlinkSync(path, link)
  await writeFileAtomically(link, 'new')
  expect(readFileSync(path, 'utf8')).toBe('new')
  expect(statSync(path).mode & 0o777).toBe(0o640)
  expect(readdirSync(join(path, '..')).sort()).toEqual(['file', 'link'])
})

test('a link to a file that does not exist yet: the file is written, through any number of links', async () => {
  const path = join(folder(), 'file')
  const inside = (name: string) => join(path, '..', name)
  mkdirSync(inside('deep'))
  symlinkSync('deep', inside('folder'))
  symlinkSync('../file', inside('deep/second')) // relative to the folder that the link is in
  symlinkSync('folder/second', inside('first'))
  await writeFileAtomically(inside('first'), 'new')
  expect(readFileSync(path, 'utf8')).toBe('new')
  expect(readlinkSync(inside('first'))).toBe('folder/second')
  symlinkSync('circle', inside('circle'))
  await expect(writeFileAtomically(inside('circle'), 'new')).rejects.toMatchObject({ code: 'ELOOP' })
  expect(readdirSync(join(path, '..')).sort()).toEqual(['circle', 'deep', 'file', 'first', 'folder'])
})

test('a writer that is killed at any moment leaves a whole file', async () => {
  const path = join(folder(), 'file')
  const program = await bundle('tests/node/programs/write-forever.ts')
  const random = stream('kills', 'atomic file')
  const found = new Set<string>()
  for (let kill = 0; kill < 12; kill++) {
    const child = start(program, path)
    const end = ended(child)
    await new Promise(resolve => child.once('message', resolve)) // it has written once
    await wait(40 * random())
    child.kill('SIGKILL')
    expect((await end).signal).toBe('SIGKILL')
    const text = readFileSync(path, 'utf8')
    found.add(text[0])
    expect(text).toBe(text[0].repeat(300_000 + 'abcdef'.indexOf(text[0])))
  }
  expect(found.size).toBeGreaterThan(1)
  await writeFileAtomically(path, 'end')
  expect(readdirSync(join(path, '..'))).toEqual(['file'])
}, 60_000)
