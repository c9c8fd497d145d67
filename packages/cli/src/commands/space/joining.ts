/** `shoal space join` and `approve`. */
import { parseInvite, ShoalError, type SpaceHandle, type SpaceRequest } from '@shoal/node/control'
import type { TaskOf } from '../../arguments/space-tasks.ts'
import type { Context } from '../../context.ts'
import { Interrupted } from '../../failure.ts'
import { linkOf } from '../../link-input.ts'
import {
  askWhether,
  reportJoin,
  reportRequests,
  reportDecided,
  reportSuspect,
} from '../../output/space/joining.ts'
import { named } from '../../space-names.ts'
import { SPACE_FAILURES } from '../../strings/space-errors.ts'
import { withoutKey } from '../../usage-errors.ts'
import { once, onlyOne, type SpaceJob } from './job.ts'

/** What an id is at least, so that none is let in by a slip. */
const LEAST_ID = 4

/** @throws ShoalError as `parseInvite`; Interrupted */
export async function joinJob(task: TaskOf<'join'>, context: Context): Promise<SpaceJob> {
  const { output, stop: signal } = context
  const link = await linkOf(task.link, context, parseInvite)
  const { name, waitMs } = task
  return {
    // With the next Shoal again: whoever was let in meanwhile is told so.
    work: async (spaces) => {
      await spaces.join(link, {
        ...(name === undefined ? {} : { name }),
        ...(waitMs === undefined ? {} : { waitMs }),
        onEvent: (event) => reportJoin(output, event),
        signal,
      })
    },
    interrupted: [SPACE_FAILURES.joinInterrupted, SPACE_FAILURES.joinInterruptedHint],
  }
}

export function approveJob(task: TaskOf<'approve'>, context: Context): SpaceJob {
  const { output, stop: signal } = context
  return once(async (spaces) => {
    const space = await spaces.open(task.space, { signal })
    const waiting = await space.requests({ signal })
    if (task.request !== undefined) {
      const request = meant(space, waiting, task.request)
      await decide(space, request, !task.refuse, context)
      return
    }
    reportRequests(output, named(space), waiting)
    const [only] = waiting
    if (only === undefined || waiting.length > 1) return
    const isSame = await answered(only, context)
    if (isSame !== undefined) await decide(space, only, isSame, context)
  })
}

async function decide(
  space: SpaceHandle,
  request: SpaceRequest,
  isApproved: boolean,
  { output, stop: signal }: Context,
): Promise<void> {
  if (isApproved) {
    await space.approve(request.id, { signal })
    reportDecided(output, named(space), request, 'approved')
    return
  }
  const { isSuspect } = await space.refuse(request.id, { signal })
  reportDecided(output, named(space), request, 'refused')
  if (isSuspect) reportSuspect(output, named(space), request)
}

/** What a person says by one key; undefined: that it is to be decided later, or nobody can be asked. */
async function answered(
  request: SpaceRequest,
  { keys, output, stop }: Context,
): Promise<boolean | undefined> {
  if (keys === undefined || output.mode !== 'terminal') return undefined
  const { promise, resolve, reject } = Promise.withResolvers<boolean | undefined>()
  const onStop = (): void => reject(new Interrupted())
  askWhether(output, request)
  const leave = keys((key) => resolve(key === 'y' ? true : key === 'n' ? false : undefined))
  stop.addEventListener('abort', onStop, { once: true })
  if (stop.aborted) onStop()
  try {
    return await promise
  } finally {
    stop.removeEventListener('abort', onStop)
    leave()
  }
}

/** @throws ShoalError ERR_NOT_IN_SPACE */
function meant(space: SpaceHandle, waiting: readonly SpaceRequest[], given: string): SpaceRequest {
  const ids = waiting.map(({ id }) => id)
  const id = given.length < LEAST_ID ? undefined : onlyOne(ids, given)
  const request = waiting.find((each) => each.id === id)
  if (request !== undefined) return request
  const hint = SPACE_FAILURES.noRequestHint(named(space).ref)
  throw new ShoalError('ERR_NOT_IN_SPACE', SPACE_FAILURES.noRequest(withoutKey(given)), { hint })
}
