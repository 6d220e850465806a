import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, jest, test } from '@jest/globals'
import { readDataFormat } from '../../lib/node/platform.ts'

const folder = mkdtempSync(join(tmpdir(), 'unshared-platform-'))
function file(text: string): string {
  const path = join(folder, 'keras.json')
  writeFileSync(path, text)
  return path
}

test('Keras’ configuration file names the data format', () => {
  expect(readDataFormat(file('{"image_data_format": "channels_first", "backend": "tensorflow"}'))).toBe(
    'channels_first',
  )
  expect(readDataFormat(file('{"image_data_format": "channels_last"}'))).toBe('channels_last')
  expect(readDataFormat(file('{"backend": "tensorflow"}'))).toBe('channels_last')
})

test('no file means channels_last, silently', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  expect(readDataFormat(join(folder, 'nowhere', 'keras.json'))).toBe('channels_last')
  expect(warn).not.toHaveBeenCalled()
  warn.mockRestore()
})

test.each(['{', '[]', 'null', '{"image_data_format": "NHWC"}'])(
  'a file with %s means channels_last and one warning',
  text => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    expect(readDataFormat(file(text))).toBe('channels_last')
    expect(warn).toHaveBeenCalledTimes(text === '[]' ? 0 : 1)
    warn.mockRestore()
  },
)
