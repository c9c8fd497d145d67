/** `shoal space invite`, `invitations` and `revoke`. */
import { ShoalError } from '@shoal/node/control'
import type { TaskOf } from '../../arguments/space-tasks.ts'
import type { Context } from '../../context.ts'
import { reportInvitations, reportInvite, reportRevoked } from '../../output/space/people.ts'
import { named } from '../../space-names.ts'
import { SPACE_FAILURES } from '../../strings/space-errors.ts'
import { withoutKey } from '../../usage-errors.ts'
import { look, once, onlyOne, type SpaceJob } from './job.ts'

/** What an id is at least, so that none is ended by a slip. */
const LEAST_ID = 4

export function inviteJob(task: TaskOf<'invite'>, { output, stop: signal }: Context): SpaceJob {
  return once(async (spaces) => {
    const space = await spaces.open(task.space, { signal })
    const { role, forMs, uses, isInstant: instant } = task
    const invite = await space.invite({
      ...(role === undefined ? {} : { role }),
      ...(forMs === undefined ? {} : { forMs }),
      ...(uses === undefined ? {} : { uses }),
      instant,
      signal,
    })
    const made = (await space.invitations({ signal })).find(({ id }) => id === invite.id)
    reportInvite(output, named(space), invite, made)
  })
}

export function invitationsJob(
  { space: ref }: TaskOf<'invitations'>,
  { output, stop: signal }: Context,
): SpaceJob {
  return look(async (spaces) => {
    const space = await spaces.open(ref, { signal })
    reportInvitations(output, named(space), await space.invitations({ signal }))
  })
}

/** @throws ShoalError ERR_INVITE_OVER when there is none of this id */
export function revokeJob(task: TaskOf<'revoke'>, { output, stop: signal }: Context): SpaceJob {
  return once(async (spaces) => {
    const space = await spaces.open(task.space, { signal })
    const known = await space.invitations({ signal })
    const ids = known.map(({ id }) => id)
    const id = task.id.length < LEAST_ID ? undefined : onlyOne(ids, task.id)
    const invitation = known.find((each) => each.id === id)
    if (invitation === undefined) {
      const hint = SPACE_FAILURES.noInvitationHint(named(space).ref)
      throw new ShoalError('ERR_INVITE_OVER', SPACE_FAILURES.noInvitation(withoutKey(task.id)), { hint })
    }
    await space.revokeInvite(invitation.id, { signal })
    reportRevoked(output, named(space), invitation)
  })
}
