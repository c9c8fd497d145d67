/** The contract of the command, outside spaces, in each form of output: Shoal runs in the background on the home. Needs `tsc -b`. */
import { contractSuite } from './contract/suite.ts'

contractSuite('daemon')
