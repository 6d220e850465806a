import { expect, test } from '@jest/globals'
import { fill, namesIn } from '../../lib/node/file-template.ts'

test.each([
  // as Python formats them
  ['{epoch:02d}', 3, '03'],
  ['{epoch}', 12, '12'],
  ['{loss}', 0.5, '0.5'],
  ['w.{epoch:03d}-{epoch:.2f}.x', 7, 'w.007-7.00.x'],
  ['{loss:.3e}', 0.00012345, '1.234e-04'],
  ['{loss:.3E}', 123456, '1.235E+05'],
  ['{loss:g}', 0.00001234567, '1.23457e-05'],
  ['{loss:.3g}', 1234567, '1.23e+06'],
  ['{loss:.3g}', 0.5, '0.5'],
  ['{loss:g}', 100000, '100000'],
  ['{loss:g}', 1000000, '1e+06'],
  ['{loss:g}', 0, '0'],
  ['{loss:f}', 1.5, '1.500000'],
  ['{loss:08.3f}', -3.14159, '-003.142'],
  ['{loss:8.3f}|', 3.14159, '   3.142|'],
  ['{{a}}{epoch:4d}', 5, '{a}   5'],
  ['{loss:.2f}', Number.NaN, 'nan'],
  ['{loss:.2f}', -Infinity, '-inf'],
  ['{epoch:<3}|{epoch:^5}|{epoch:*>4}', 7, '7  |  7  |***7'],
  ['{loss:+.1%} {loss:,.1f}', 1234.5, '+123450.0% 1,234.5'],
  ['{loss:.2f} {loss:.0e}', 0.125, '0.12 1e-01'], // a tie goes to the even digit
  ['{loss}', 1e-5, '1e-05'],
  ['no field', 1, 'no field'],
])('%s with %d is %s', (template, value, text) => {
  expect(fill(template, { epoch: value, loss: value })).toBe(text)
})

test('the names in it', () => {
  expect(namesIn('a{epoch:02d}-{val_loss:.2f}{{loss}}')).toEqual(['epoch', 'val_loss'])
})

test.each(['{', '}', '{}', '{epoch', '{0}', '{epoch:<3q}', '{epoch:.2d}', '{epoch:.2}', '{a.b}', '{loss!r}'])(
  '%s is refused',
  template => {
    expect(() => namesIn(template)).toThrow(/^filepath: expected fields such as {epoch:02d}/)
  },
)

test('a missing value, and a number that is no integer', () => {
  expect(() => fill('{val_loss:.2f}', { epoch: 1, loss: 2 })).toThrow(/^filepath: expected names among epoch, loss/)
  expect(() => fill('{loss:02d}', { loss: 0.5 })).toThrow(/^filepath: expected {loss:.2f} or similar: loss is 0.5/)
})
