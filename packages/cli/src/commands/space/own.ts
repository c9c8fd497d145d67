/** `shoal space create`, `list` and `check`. */
import { ShoalError } from '@shoal/node/control'
import type { TaskOf } from '../../arguments/space-tasks.ts'
import type { Context } from '../../context.ts'
import { reportCheck, reportCreated, reportSpaces } from '../../output/space/spaces.ts'
import { named } from '../../space-names.ts'
import { SPACE_FAILURES } from '../../strings/space-errors.ts'
import { look, once, type SpaceJob } from './job.ts'

export function createJob({ name }: TaskOf<'create'>, { output, stop: signal }: Context): SpaceJob {
  return once(async (spaces) => {
    const space = await spaces.create(name, { signal })
    const isFirst = (await spaces.list({ signal })).length === 1
    reportCreated(output, space, isFirst)
  })
}

export function spacesJob({ output, stop: signal }: Context): SpaceJob {
  return look(async (spaces) => reportSpaces(output, await spaces.list({ signal })))
}

/** @throws ShoalError ERR_CONTENT_INVALID when what is stored is not what the log comes to */
export function checkJob({ space: ref }: TaskOf<'check'>, { output, stop: signal }: Context): SpaceJob {
  return look(async (spaces) => {
    const space = await spaces.open(ref, { signal })
    const found = await space.check({ signal })
    reportCheck(output, named(space), found)
    if (found.isSound) return
    throw new ShoalError('ERR_CONTENT_INVALID', SPACE_FAILURES.unsound, { hint: SPACE_FAILURES.unsoundHint })
  })
}
