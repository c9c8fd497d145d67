/** The node in the background itself: what `shoal daemon start` starts, and a service manager may run. */
import {
  ControlClient,
  ShoalError,
  homePaths,
  isShoalError,
  loadConfig,
  withConfig,
} from '@shoal/node/control'
import type { Context } from '../context.ts'
import { writeNote } from '../output/output.ts'
import { reportStatus } from '../output/shares-reporter.ts'
import { FAILURES } from '../strings/errors.ts'
import { PLAIN } from '../strings/plain.ts'
import { logOf } from './log.ts'
import { pause } from '../terminal-clock.ts'
import {
  clientOfOwn,
  limitsOf,
  nodeOptions,
  startNode,
  type NodeFlags,
  type WithNodeInit,
} from '../with-node.ts'

/** How long what runs may take to end, in milliseconds; what was verified and acknowledged is on the disk by then. */
const STOP_MS = 10_000

/**
 * Runs until a signal or `shoal daemon stop`.
 *
 * @throws ShoalError as `createNode` and `logOf`, ERR_HOME_INVALID for settings that are none
 */
export async function runDaemon(
  flags: NodeFlags,
  { env, output, clock, stop }: Pick<Context, 'env' | 'output' | 'clock' | 'stop'>,
  start: WithNodeInit['start'] = startNode,
): Promise<void> {
  const ended = Promise.withResolvers<void>()
  stop.addEventListener('abort', () => ended.resolve(), { once: true })
  if (stop.aborted) return
  const given = { ...nodeOptions(flags), ...limitsOf(flags), onStopRequest: () => ended.resolve() }
  const log = logOf(env, flags.home)
  const options = { apiTcp: true, ...log, ...withConfig(given, await loadConfig(flags.home)) }
  const node = await start(options).catch(async (error: unknown) => {
    throw isShoalError(error, 'ERR_HOME_BUSY') ? await whoHas(flags.home, env, error) : error
  })
  try {
    const client = await clientOfOwn(homePaths(flags.home, env))
    reportStatus(output, await client.status(), [])
    await ended.promise
  } finally {
    const overdue = new AbortController()
    const late = pause(clock, STOP_MS, overdue.signal).then(() => true)
    const isLate = await Promise.race([node.stop().then(() => false), late])
    overdue.abort()
    if (isLate) writeNote(output, PLAIN.daemonCutOff(STOP_MS / 1_000))
  }
}

/** Names who has the home, if that answers; the code stays, for whoever started this goes by it. */
async function whoHas(home: string, env: Context['env'], cause: ShoalError): Promise<ShoalError> {
  try {
    const client = await ControlClient.connect(homePaths(home, env))
    if (client === undefined) return cause
    const { pid, daemon } = await client.status()
    const hint = daemon ? FAILURES.runsAlreadyHint : FAILURES.notInBackgroundHint
    return new ShoalError('ERR_HOME_BUSY', FAILURES.runsAlready(home, pid), { cause, hint })
  } catch {
    // It is about to start or to end.
    return cause
  }
}
