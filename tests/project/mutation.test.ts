// The areas of mutation testing name files. A file that moves would silently leave its area.

import { pathToFileURL } from 'node:url'
import { expect, test } from '@jest/globals'
import { filesIn } from '../support/sources.ts'

interface Area {
  mutate: string[]
  tests: string[]
}

test('each area of mutation testing names files that exist', async () => {
  const address: string = pathToFileURL('tests/mutation/areas.js').href
  const { areas } = (await import(address)) as { areas: Record<string, Area> }
  const files = [...filesIn('lib'), ...filesIn('tests')]
  const exists = (path: string) => {
    const [start = '', end = ''] = path.split('*')
    return files.some(file => (path.includes('*') ? file.startsWith(start) && file.endsWith(end) : file === path))
  }
  const named = Object.values(areas).flatMap(({ mutate, tests }) => [...mutate, ...tests])
  expect(named.length).toBeGreaterThan(50)
  expect(named.filter(path => !exists(path))).toEqual([])
})
