import { testFaultsOf } from './every-fault.ts'

testFaultsOf('y')
