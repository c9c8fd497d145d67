/** `shoal doctor`: looks at what commonly keeps Shoal from working, with the node that runs or one of its own. */
import {
  ControlClient,
  ERRORS,
  ShoalError,
  examineMachine,
  homePaths,
  isShoalError,
} from '@shoal/node/control'
import type { PlainArguments } from '../arguments/arguments.ts'
import type { Context } from '../context.ts'
import { Interrupted } from '../failure.ts'
import { DoctorReporter } from '../output/doctor-reporter.ts'
import { FAILURES } from '../strings/errors.ts'
import { pause } from '../terminal-clock.ts'
import { limitsOf, startNode, withNode, type NodeFlags } from '../with-node.ts'

/** How long a node that runs may take to answer at all, in milliseconds. */
const ANSWER_MS = 2_000
const EXIT_USAGE = 2

/** @throws Interrupted when the user stops it before everything was looked at; ShoalError ERR_USAGE, ERR_OPTIONS_INVALID */
export async function doctor({ node: flags }: PlainArguments, context: Context): Promise<void> {
  const { stop, output } = context
  const reporter = new DoctorReporter(output)
  context.onExit(() => reporter.close())
  reporter.start()
  let isComplete = false
  try {
    const failure = await askNode(flags, context, async (client) => {
      for await (const finding of client.doctor(stop)) reporter.event(finding)
      isComplete = !stop.aborted
      // Said before the node is stopped, which takes a moment.
      if (isComplete) reporter.done()
    })
    if (failure !== undefined && !isComplete) {
      for await (const finding of examineMachine(flags.home, failure, stop)) {
        reporter.event({ type: 'finding', ...finding })
      }
      isComplete = true
      reporter.done()
    }
  } catch (error) {
    if (!stop.aborted || isComplete) throw error
  }
  // A reader that had enough, such as `head`, ends the command as well; that is no fault.
  if (!isComplete && output.stdout.fault === undefined) {
    throw new Interrupted(FAILURES.doctorInterrupted, FAILURES.doctorInterruptedHint)
  }
}

/** Why no node can be asked; undefined when one was. What is the fault of the command line or of Shoal itself is thrown. */
async function askNode(
  flags: NodeFlags,
  context: Context,
  ask: (client: ControlClient) => Promise<void>,
): Promise<ShoalError | undefined> {
  const start: typeof startNode = (options) => startNode({ ...options, ...limitsOf(flags) })
  try {
    await answers(flags.home, context)
    await withNode({ ...context, flags, signal: context.stop, start }, ({ client }) => ask(client))
    return undefined
  } catch (error) {
    if (context.stop.aborted || !isShoalError(error) || error.code === 'ERR_INTERNAL') throw error
    if (ERRORS[error.code].exit === EXIT_USAGE) throw error
    return error
  }
}

/**
 * A node that stands still keeps its home and its socket, and every other command waits for it.
 *
 * @throws ShoalError ERR_HOME_BUSY; what else is the matter is found out by who uses the node
 */
async function answers(home: string, { env, clock, stop }: Context): Promise<void> {
  const over = new AbortController()
  const answered = ControlClient.connect(homePaths(home, env)).then(
    () => true,
    () => true,
  )
  const late = pause(clock, ANSWER_MS, AbortSignal.any([stop, over.signal])).then(
    () => false,
    () => true,
  )
  const isAnswered = await Promise.race([answered, late])
  over.abort()
  if (!isAnswered) throw new ShoalError('ERR_HOME_BUSY', FAILURES.noAnswer(home))
}
