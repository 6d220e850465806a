// What the page says of turning its files into one for Keras.

/** A program for Node, beside the two files of TensorFlow.js. */
export const toH5 = `import { loadModel, saveModel } from 'unshared/keras'

const model = await loadModel('local.json') // local.weights.bin lies beside it
await saveModel(model, 'local.h5')
`
