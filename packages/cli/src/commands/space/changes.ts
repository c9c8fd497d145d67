/** Commands of `shoal space` that change what is in a space, and `log` and `undo`. */
import { ShoalError, type SpaceChange, type SpaceHandle } from '@shoal/node/control'
import type { TaskOf } from '../../arguments/space-tasks.ts'
import type { Context } from '../../context.ts'
import { reportSpaceChange } from '../../output/space/changes.ts'
import { logLimit, reportLog } from '../../output/space/log.ts'
import { named } from '../../space-names.ts'
import { SPACE_FAILURES } from '../../strings/space-errors.ts'
import { advised, look, once, type SpaceJob } from './job.ts'

type Change = TaskOf<'mv'> | TaskOf<'rm'> | TaskOf<'restore'> | TaskOf<'note'> | TaskOf<'title'>

/** Characters of a whole id. */
const ID_LENGTH = 64
/** How far back the beginning of an id is looked for. */
const LOOKED_AT = 1_000

export function changeJob(task: Change, { output, stop: signal }: Context): SpaceJob {
  return once(async (spaces) => {
    const space = await spaces.open(task.space, { signal })
    const hint = task.action === 'restore' ? SPACE_FAILURES.noChangeHint : SPACE_FAILURES.nothingAtHint
    const changed = await inSpace(space, () => change(space, task, signal), hint)
    reportSpaceChange(output, task.action, changed, named(space))
  })
}

export function tagJob(task: TaskOf<'tag'>, { output, stop: signal }: Context): SpaceJob {
  return once(async (spaces) => {
    const space = await spaces.open(task.space, { signal })
    const { paths, tags, untag } = task
    if (untag.length > 0) {
      const changed = await inSpace(space, () => space.untag(paths, untag, { signal }))
      reportSpaceChange(output, 'untag', changed, named(space))
    }
    if (tags.length > 0) {
      const changed = await inSpace(space, () => space.tag(paths, tags, { signal }))
      reportSpaceChange(output, 'tag', changed, named(space))
    }
  })
}

/** @throws ShoalError ERR_NOT_IN_SPACE, or ERR_USAGE where the beginning of an id means several */
export function undoJob(task: TaskOf<'undo'>, { output, stop: signal }: Context): SpaceJob {
  return once(async (spaces) => {
    const space = await spaces.open(task.space, { signal })
    const batches = await batchesOf(space, task.changes, signal)
    for (const batch of batches.length === 0 ? [undefined] : batches.toReversed()) {
      // oxlint-disable-next-line no-await-in-loop -- The last is taken back before what it came after.
      const changed = await inSpace(space, () => space.undo(batch, { signal }), SPACE_FAILURES.noChangeHint)
      reportSpaceChange(output, 'undo', changed, named(space))
    }
  })
}

export function logJob({ space: ref, path }: TaskOf<'log'>, { output, stop: signal }: Context): SpaceJob {
  return look(async (spaces) => {
    const space = await spaces.open(ref, { signal })
    const events = await inSpace(
      space,
      () => space.history(path, { limit: logLimit(output), signal }),
      SPACE_FAILURES.noChangeHint,
    )
    const own = (await space.members({ signal })).filter(({ isSelf }) => isSelf)
    reportLog(output, named(space), events, new Set(own.map(({ id }) => id)))
  })
}

function change(space: SpaceHandle, task: Change, signal: AbortSignal): Promise<SpaceChange> {
  switch (task.action) {
    case 'mv':
      return space.move(task.from, task.to, { signal })
    case 'rm':
      return space.remove(task.paths, { signal })
    case 'restore':
      return space.restore(task.paths, { signal })
    case 'note':
      return space.note(task.path, task.text, { signal })
    case 'title':
      return space.title(task.path, task.text, { signal })
  }
}

/** Whole ids of changes; people type the beginnings. */
async function batchesOf(
  space: SpaceHandle,
  given: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  if (given.every((id) => id.length === ID_LENGTH)) return [...given]
  const events = await space.history(undefined, { limit: LOOKED_AT, signal })
  const known = [...new Set(events.map(({ batch }) => batch))]
  return given.map((id) => {
    if (id.length === ID_LENGTH) return id
    const [only, ...more] = known.filter((batch) => batch.startsWith(id))
    if (only === undefined) {
      const hint = SPACE_FAILURES.noChangeHint(named(space).ref)
      throw new ShoalError('ERR_NOT_IN_SPACE', SPACE_FAILURES.noChange(id), { hint })
    }
    if (more.length === 0) return only
    throw new ShoalError('ERR_USAGE', SPACE_FAILURES.severalChanges(id), {
      hint: SPACE_FAILURES.severalChangesHint,
    })
  })
}

/** What was there may be in the log, where it is not in the space. */
async function inSpace<T>(
  space: SpaceHandle,
  work: () => Promise<T>,
  hint: (ref: string) => string = SPACE_FAILURES.nothingAtHint,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw advised(error, 'ERR_NOT_IN_SPACE', hint(named(space).ref))
  }
}
