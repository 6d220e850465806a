// Tests must not read the Keras configuration of the person who runs them: this folder does not exist.
import { resolve } from 'node:path'

process.env.KERAS_HOME = resolve('out/no-keras-home')
