import { expect, test } from '@jest/globals'
import { fromKeras, toKeras } from '../../lib/keras/config.ts'

const ours = {
  className: 'Dense',
  config: { kernelSize: [3, 3], beta1: 0.9, l1: 0.1, items: [{ useBias: true }], none: null },
}
const keras = {
  class_name: 'Dense',
  config: { kernel_size: [3, 3], beta_1: 0.9, l1: 0.1, items: [{ use_bias: true }], none: null },
}

test('keys change their spelling, values stay', () => {
  expect(toKeras(ours)).toEqual(keras)
  expect(fromKeras(keras)).toEqual(ours)
  expect(toKeras({ activation: 'hard_sigmoid', dataFormat: 'channels_last' })).toEqual({
    activation: 'hard_sigmoid',
    data_format: 'channels_last',
  })
})

test('a hostile key stays a key', () => {
  const config = JSON.parse('{"__proto__": {"polluted": 1}}')
  fromKeras(config)
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})
