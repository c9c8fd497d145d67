/** The contract of the command, outside spaces, in each form of output: no Shoal runs on the home before. Needs `tsc -b`. */
import { contractSuite } from './contract/suite.ts'

contractSuite('alone')
