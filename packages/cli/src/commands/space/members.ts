/** `shoal space members`, `role`, `remove` and `leave`. */
import { isShoalError, ShoalError, type SpaceHandle } from '@shoal/node/control'
import type { TaskOf } from '../../arguments/space-tasks.ts'
import type { Context } from '../../context.ts'
import { reportMembers, reportRemoved, reportRole } from '../../output/space/people.ts'
import { reportLeft } from '../../output/space/spaces.ts'
import { named } from '../../space-names.ts'
import { SPACE_FAILURES } from '../../strings/space-errors.ts'
import { advised, look, once, onlyOne, type SpaceJob } from './job.ts'

export function membersJob({ space: ref }: TaskOf<'members'>, { output, stop: signal }: Context): SpaceJob {
  return look(async (spaces) => {
    const space = await spaces.open(ref, { signal })
    reportMembers(output, await space.members({ signal }))
  })
}

export function roleJob(task: TaskOf<'role'>, { output, stop: signal }: Context): SpaceJob {
  return once(async (spaces) => {
    const space = await spaces.open(task.space, { signal })
    await ofMember(space, () => space.setRole(task.member, task.role, { signal }))
    const members = await space.members({ signal })
    const id = onlyOne(
      members.map((member) => member.id),
      task.member,
    )
    const member = members.find((each) => each.id === id)
    if (member !== undefined) reportRole(output, named(space), member)
  })
}

export function removeJob(task: TaskOf<'remove'>, { output, stop: signal }: Context): SpaceJob {
  return once(async (spaces) => {
    const space = await spaces.open(task.space, { signal })
    // Afterwards nobody knows which one it was.
    const before = await space.members({ signal })
    await ofMember(space, () => space.removeMember(task.member, { signal }))
    const summary = (await spaces.list({ signal })).find(({ id }) => id === space.id)
    const member = before.find(({ id }) => id.startsWith(task.member))
    if (member !== undefined && summary !== undefined) {
      reportRemoved(output, named(space), member, summary)
    }
  })
}

/** @throws ShoalError ERR_SPACE_ROLE, with what to do about it where this device is the only owner */
export function leaveJob({ space: ref }: TaskOf<'leave'>, { output, stop: signal }: Context): SpaceJob {
  return once(async (spaces) => {
    const space = await spaces.open(ref, { signal })
    try {
      await space.leave({ signal })
    } catch (error) {
      if (!isShoalError(error, 'ERR_SPACE_ROLE')) throw error
      const owners = (await space.members({ signal })).filter(({ role }) => role === 'founder')
      const isOnly = owners.length === 1 && owners[0]?.isSelf === true
      throw isOnly ? onlyOwner(named(space).ref, error) : error
    }
    const summaries = await spaces.list({ signal })
    reportLeft(
      output,
      named(space),
      summaries.find(({ id }) => id === space.id),
    )
  })
}

async function ofMember(space: SpaceHandle, change: () => Promise<void>): Promise<void> {
  try {
    await change()
  } catch (error) {
    throw advised(error, 'ERR_NOT_IN_SPACE', SPACE_FAILURES.noMemberHint(named(space).ref))
  }
}

function onlyOwner(ref: string, cause: Error): ShoalError {
  const hint = SPACE_FAILURES.onlyOwnerHint(ref)
  return new ShoalError('ERR_SPACE_ROLE', SPACE_FAILURES.onlyOwner, { hint, cause })
}
