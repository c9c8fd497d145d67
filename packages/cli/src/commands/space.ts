/** `shoal space`: has what it was asked for done by Shoal in the background, which is started where none runs. */
import { isShoalError, ShoalError } from '@shoal/node/control'
import type { SpaceArguments, SpaceTask, TaskOf } from '../arguments/space-tasks.ts'
import type { Context } from '../context.ts'
import { Interrupted } from '../failure.ts'
import { note } from '../output/space/notes.ts'
import { FAILURES } from '../strings/errors.ts'
import { SPACE_FAILURES } from '../strings/space-errors.ts'
import { SPACES } from '../strings/spaces.ts'
import { SPACES_PLAIN } from '../strings/spaces-plain.ts'
import { withDaemon } from '../with-daemon.ts'
import { isNodeGone } from '../with-successors.ts'
import { addJob, getJob } from './space/files.ts'
import type { SpaceJob } from './space/job.ts'
import { exportJob, listJob, searchJob, watchJob } from './space/lists.ts'
import { inviteJob, invitationsJob, revokeJob } from './space/invitations.ts'
import { approveJob, joinJob } from './space/joining.ts'
import { leaveJob, membersJob, removeJob, roleJob } from './space/members.ts'
import { checkJob, createJob, spacesJob } from './space/own.ts'
import { changeJob, logJob, tagJob, undoJob } from './space/changes.ts'

/** @throws ShoalError as what it is asked to do; Interrupted when the user ends what is not meant to be ended */
export async function space({ node, task }: SpaceArguments, context: Context): Promise<void> {
  const { output, stop } = context
  const job = task.action === 'join' ? await joinJob(task, context) : jobOf({ node, task }, context)
  context.onExit(() => job.close?.())
  try {
    await withDaemon(node, context, {
      work: (client) => job.work(client.spaces),
      ...(job.canRepeat === undefined ? {} : { canRepeat: job.canRepeat }),
      besideHint: SPACE_FAILURES.besideHint,
      onStart: (pid) => note(output, SPACES.started, SPACES_PLAIN.started(pid)),
      onEnd: () => note(output, SPACES.endedAgain, SPACES_PLAIN.endedAgain),
    })
  } catch (error) {
    // A reader that had enough, such as `head`, ends it as well; that is no fault.
    if (!stop.aborted) throw isNodeGone(error) && !isShoalError(error) ? gone(error) : error
    if (job.interrupted !== undefined && output.stdout.fault === undefined)
      throw new Interrupted(...job.interrupted)
  }
}

type OtherTask = Exclude<SpaceTask, TaskOf<'join'>>

function jobOf(
  { node, task }: { readonly node: SpaceArguments['node']; readonly task: OtherTask },
  context: Context,
): SpaceJob {
  switch (task.action) {
    case 'create':
      return createJob(task, context)
    case 'list':
      return spacesJob(context)
    case 'add':
      return addJob(task, context)
    case 'get':
      return getJob(task, context, node)
    case 'ls':
      return listJob(task, context)
    case 'search':
      return searchJob(task, context)
    case 'watch':
      return watchJob(task, context)
    case 'export':
      return exportJob(task, context)
    case 'mv':
    case 'rm':
    case 'restore':
    case 'note':
    case 'title':
      return changeJob(task, context)
    case 'tag':
      return tagJob(task, context)
    case 'undo':
      return undoJob(task, context)
    case 'log':
      return logJob(task, context)
    case 'members':
      return membersJob(task, context)
    case 'role':
      return roleJob(task, context)
    case 'remove':
      return removeJob(task, context)
    case 'leave':
      return leaveJob(task, context)
    case 'invite':
      return inviteJob(task, context)
    case 'approve':
      return approveJob(task, context)
    case 'invitations':
      return invitationsJob(task, context)
    case 'revoke':
      return revokeJob(task, context)
    case 'check':
      return checkJob(task, context)
  }
}

function gone(cause: unknown): ShoalError {
  return new ShoalError('ERR_NODE_STOPPED', FAILURES.backgroundEnded, { cause })
}
