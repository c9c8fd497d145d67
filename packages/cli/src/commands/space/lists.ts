/** Commands of `shoal space` that list what is in a space: `ls`, `search`, `watch` and `export`. */
import { escapeForDisplay, ShoalError, type SpaceEntry } from '@shoal/node/control'
import type { TaskOf } from '../../arguments/space-tasks.ts'
import type { Context } from '../../context.ts'
import { reportExported, spaceHead } from '../../output/space/exported.ts'
import { note } from '../../output/space/notes.ts'
import { entryFormat, entryLine } from '../../output/space/rows.ts'
import { writeMore } from '../../output/space/matches.ts'
import { WatchReporter } from '../../output/space/watch.ts'
import { Rows } from '../../output/rows.ts'
import { named } from '../../space-names.ts'
import { SPACE_FAILURES } from '../../strings/space-errors.ts'
import { SPACES } from '../../strings/spaces.ts'
import { SPACES_PLAIN } from '../../strings/spaces-plain.ts'
import { look, type SpaceJob } from './job.ts'
import { NewFile } from './new-file.ts'

/** The most that a search tells. */
const MATCHES = 500

/** @throws ShoalError ERR_NOT_IN_SPACE for a path under which there is nothing */
export function listJob({ space: ref, path }: TaskOf<'ls'>, { output, stop: signal }: Context): SpaceJob {
  const rows = new Rows(output)
  const format = entryFormat(output)
  let count = 0
  const job = look(async (spaces) => {
    const space = await spaces.open(ref, { signal })
    const under = path === undefined || path === '' ? {} : { under: path }
    for await (const entry of space.list({ ...under, signal })) {
      count++
      await rows.add(format(entry))
    }
    // Where a signal ends a list early, that is no end of it.
    signal.throwIfAborted()
    rows.write()
    const { name, ref: typed } = named(space)
    if (count > 0) return
    if (path === undefined || path === '') note(output, SPACES.empty(typed), SPACES_PLAIN.empty(name))
    else throw nothingAt(path, typed)
  })
  // Rows that were told would come again.
  return { ...job, canRepeat: () => count === 0, close: () => rows.write() }
}

export function searchJob(
  { space: ref, query }: TaskOf<'search'>,
  { output, stop: signal }: Context,
): SpaceJob {
  const format = entryFormat(output)
  return look(async (spaces) => {
    const space = await spaces.open(ref, { signal })
    const { entries, total, isCut } = await space.search(query, { limit: MATCHES, signal })
    const rows = new Rows(output)
    for (const entry of entries) await rows.add(format(entry))
    rows.write()
    const { name } = named(space)
    if (total === 0) note(output, SPACES.noMatch(escapeForDisplay(query)), SPACES_PLAIN.noMatch(name))
    if (isCut || total > entries.length) writeMore(output, name, { shown: entries.length, total, isCut })
  })
}

/** Goes on until the user ends it: that is how it is meant to end. */
export function watchJob(
  { space: ref, query }: TaskOf<'watch'>,
  { output, stop: signal }: Context,
): SpaceJob {
  const reporter = new WatchReporter(output)
  const work: SpaceJob['work'] = async (spaces) => {
    const space = await spaces.open(ref, { signal })
    for await (const matches of space.watch(query, { limit: MATCHES, signal })) reporter.matches(matches)
    signal.throwIfAborted()
  }
  return { work, interrupted: undefined }
}

/** @throws ShoalError ERR_DESTINATION_EXISTS where something has that name; as `NewFile` */
export function exportJob(task: TaskOf<'export'>, { output, stop: signal }: Context): SpaceJob {
  const rows = new Rows(output)
  const line = (entry: SpaceEntry): string => JSON.stringify(entryLine(entry))
  let isBegun = false
  const job = look(async (spaces) => {
    const space = await spaces.open(task.space, { signal })
    const head = spaceHead(space)
    isBegun = true
    if (task.file === undefined) {
      await rows.add(head)
      for await (const entry of space.list({ signal })) await rows.add(line(entry))
      signal.throwIfAborted()
      rows.write()
      return
    }
    let count = 0
    await using file = await NewFile.make(task.file)
    await file.add(head)
    for await (const entry of space.list({ signal })) {
      count++
      await file.add(line(entry))
    }
    signal.throwIfAborted()
    await file.finish()
    reportExported(output, named(space), { file: task.file, entries: count })
  })
  return { ...job, canRepeat: () => !isBegun, close: () => rows.write() }
}

function nothingAt(path: string, ref: string): ShoalError {
  const hint = SPACE_FAILURES.nothingAtHint(ref)
  return new ShoalError('ERR_NOT_IN_SPACE', SPACE_FAILURES.nothingAt(escapeForDisplay(path)), { hint })
}
