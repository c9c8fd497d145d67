/** `shoal space add` and `get`. */
import type { FetchEvent } from '@shoal/node/control'
import type { TaskOf } from '../../arguments/space-tasks.ts'
import type { Context } from '../../context.ts'
import { AddReporter } from '../../output/space/add-reporter.ts'
import { reportSpaceChange } from '../../output/space/changes.ts'
import { GetReporter } from '../../output/space/get-reporter.ts'
import { searchOf } from '../../read-command.ts'
import { named } from '../../space-names.ts'
import { FAILURES } from '../../strings/errors.ts'
import { SPACE_FAILURES } from '../../strings/space-errors.ts'
import type { NodeFlags } from '../../with-node.ts'
import { advised, type SpaceJob } from './job.ts'

/** What is there already stays as it is, so that it may be done again. */
export function addJob(task: TaskOf<'add'>, { output, stop: signal }: Context): SpaceJob {
  const { files, at, tags } = task
  const reporter = new AddReporter(output, files)
  return {
    work: async (spaces) => {
      const space = await spaces.open(task.space, { signal })
      reporter.start(named(space))
      const changed = await space.add(files, {
        ...(at === undefined ? {} : { at }),
        tags,
        onEvent: (event) => reporter.event(event),
        signal,
      })
      reporter.clear()
      reportSpaceChange(output, 'add', changed, named(space))
    },
    close: () => reporter.close(),
    interrupted: [SPACE_FAILURES.addInterrupted, SPACE_FAILURES.addInterruptedHint],
  }
}

/** What is here already is not fetched again, so that it may be done again. */
export function getJob(task: TaskOf<'get'>, { output, stop: signal }: Context, node: NodeFlags): SpaceJob {
  const { paths, directory, overwrite, waitMs } = task
  const reporter = new GetReporter(output)
  return {
    work: async (spaces) => {
      const space = await spaces.open(task.space, { signal })
      const options = { directory, overwrite, ...searchOf({ node, waitMs }), signal }
      const onEvent = (event: FetchEvent): void => reporter.event(event)
      try {
        reporter.got(await space.get(paths, { ...options, onEvent }))
      } catch (error) {
        throw advised(error, 'ERR_NOT_IN_SPACE', SPACE_FAILURES.nothingAtHint(named(space).ref))
      }
    },
    close: () => reporter.close(),
    interrupted: [FAILURES.interrupted, FAILURES.interruptedHint],
  }
}
