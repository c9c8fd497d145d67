/** For fetches of which no home remembers anything. */
import type { StagingRecords } from '../../src/store/staging-log.ts'

const nothing = async (): Promise<void> => {}

export const NOT_RECORDED: StagingRecords = { begun: nothing, placed: nothing, ended: nothing }
