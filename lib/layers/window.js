// What layers with windows share: a sequence is a picture with one row, and options of windows are checked one way.
import { imageDataFormat } from '#platform'
import { oneOf, pair, single } from '../check.ts'
import { ArgumentError } from '../errors.ts'
export const overImages = {
  sizes: pair,
  image: sizes => sizes,
  imageShape: shape => shape,
  itemShape: (rows, cols, channels, format) =>
    format === 'channels_first' ? [channels, rows, cols] : [rows, cols, channels],
}
export const overSequences = {
  sizes: single,
  image: ([size]) => [1, size],
  imageShape(shape, format) {
    const [batch, a, b] = shape
    const axes = format === 'channels_first' ? '[batch, channels, steps]' : '[batch, steps, channels]'
    if (shape.length !== 3) throw new ArgumentError('inputShape', shape, axes)
    return format === 'channels_first' ? [batch, a, 1, b] : [batch, 1, a, b]
  },
  itemShape: (_rows, cols, channels, format) =>
    format === 'channels_first' ? [channels, cols] : [cols, channels],
}
/** `'SAME'` means 'same', as in Keras. */
export function paddingOf(padding, choices) {
  return oneOf('padding', typeof padding === 'string' ? padding.toLowerCase() : padding, choices)
}
const lastNames = ['channels_last', 'CHANNELS_LAST', 'channelsLast']
const firstNames = ['channels_first', 'CHANNELS_FIRST', 'channelsFirst']
/** Default: `image_data_format` of Keras' configuration file (in Node), else 'channels_last'. */
export function dataFormatOf(format) {
  if (format === undefined || format === null) return imageDataFormat()
  if (lastNames.includes(format)) return 'channels_last'
  if (firstNames.includes(format)) return 'channels_first'
  throw new ArgumentError('dataFormat', format, '"channels_last" or "channels_first"')
}
