// `require` of a module, as Node has it since 20.19 and 22.12.

const { Dense, Sequential } = require('unshared')
const { loadModel } = require('unshared/keras')
const model = new Sequential([new Dense({ units: 1, inputShape: [2] })])
console.log(JSON.stringify([model.layers.length, typeof loadModel]))
