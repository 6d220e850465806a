// The files under mutation are the reference; the fast engine would hide them. And the first failure is enough: no
// smaller counterexample is looked for.
import fc from 'fast-check'
import { setEngineDefaults } from '../../lib/engines.ts'

setEngineDefaults({ engine: 'reference' })
fc.configureGlobal({ ...fc.readConfigureGlobal(), endOnFailure: true })
