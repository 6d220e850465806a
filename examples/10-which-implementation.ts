// Which implementation suits a layer? All three give the same bits; time and memory differ, and are measured here.
import { benchmarkImplementations, LocallyConnected2D } from 'unshared'

const layer = new LocallyConnected2D({ filters: 8, kernelSize: 3, activation: 'relu' })
const found = await benchmarkImplementations(layer, [16, 16, 3], {
  batchSize: 16,
  timeBudget: 200, // milliseconds for all rounds
  memoryLimit: 8 * 2 ** 20, // bytes for a kernel and its gradient
})

for (const { implementation, kernelShape, kernelBytes, skipped } of found.measurements)
  console.log(
    `implementation ${implementation}: kernel [${kernelShape.join(', ')}], ${kernelBytes} bytes; ${skipped ?? 'measured'}`,
  )
// prints implementation 1: kernel [196, 27, 8], 169344 bytes; measured
// prints implementation 2: kernel [16, 16, 3, 14, 14, 8], 4816896 bytes; kernel and gradient take 9.19 MB; the limit is 8.00 MB
// prints implementation 3: kernel [42336], 169344 bytes; measured

// What follows depends on the machine: times, and which one to take.
console.log(found.toString())
console.log('recommended:', found.recommended)
console.log('the layer is as it was:', !layer.built)
// prints the layer is as it was: true
