/** `shoal daemon stop`: asks the node in the background to end, and waits until it has. */
import {
  ControlClient,
  ShoalError,
  homePaths,
  isHomeFree,
  isShoalError,
  type HomePaths,
} from '@shoal/node/control'
import type { Context } from '../context.ts'
import { writeSuccess } from '../output/output.ts'
import { FAILURES } from '../strings/errors.ts'
import { TERMINAL } from '../strings/output.ts'
import { PLAIN } from '../strings/plain.ts'
import { pause } from '../terminal-clock.ts'
import { isNodeGone } from '../with-successors.ts'
import { notDaemon } from './answering.ts'

/** How long it may take to end, in milliseconds: longer than it gives itself. */
const STOP_MS = 15_000
const POLL_MS = 25

/** @throws ShoalError as `endDaemon` */
export async function stopDaemon(home: string, context: Context): Promise<void> {
  const pid = await endDaemon(home, context)
  writeSuccess(context.output, { terminal: TERMINAL.daemonStopped, plain: PLAIN.daemonStopped(pid) })
}

/**
 * Returns which process ended.
 *
 * @throws ShoalError ERR_NO_NODE when none runs, ERR_NOT_DAEMON when it is none, ERR_HOME_BUSY when it does not end
 */
export async function endDaemon(home: string, { env, clock, stop }: Context): Promise<number> {
  const paths = homePaths(home, env)
  const client = await ControlClient.connect(paths)
  if (client === undefined) throw new ShoalError('ERR_NO_NODE', FAILURES.notRunning(home))
  const { pid, daemon } = await client.status()
  if (!daemon) throw notDaemon(home, pid)
  await client.stop()
  const deadlineMs = clock.monotonic() + STOP_MS
  while (!(await hasEnded(paths, pid))) {
    if (clock.monotonic() >= deadlineMs) {
      throw new ShoalError('ERR_HOME_BUSY', FAILURES.notStopped(pid, STOP_MS / 1_000), {
        hint: FAILURES.notStoppedHint,
      })
    }
    await pause(clock, POLL_MS, stop)
  }
  return pid
}

/** A command that used it may have taken the home over by now. */
async function hasEnded(paths: HomePaths, pid: number): Promise<boolean> {
  try {
    const client = await ControlClient.connect(paths)
    if (client !== undefined) return (await client.status()).pid !== pid
  } catch (error) {
    if (isNodeGone(error)) return false
    // Who takes the home over is about to write its token.
    if (isShoalError(error, 'ERR_NOT_AUTHORISED')) return true
    throw error
  }
  return isHomeFree(paths.home)
}
