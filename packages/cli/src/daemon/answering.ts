/** Whether a node in the background answers, and the wait until it does. */
import {
  ControlClient,
  ShoalError,
  isShoalError,
  type HomePaths,
  type StatusEvent,
} from '@shoal/node/control'
import type { Context } from '../context.ts'
import { FAILURES } from '../strings/errors.ts'
import { pause } from '../terminal-clock.ts'
import { refuseOther, refuseOtherLimits, type NodeFlags } from '../with-node.ts'
import { isNodeGone } from '../with-successors.ts'

/** How long it may take to answer, in milliseconds. */
const START_MS = 30_000
const POLL_MS = 25

/**
 * What it says of itself, or undefined when none runs.
 *
 * @param hint what to do where it is no daemon
 * @throws ShoalError ERR_USAGE when it runs with other flags, ERR_NOT_DAEMON when what runs is no daemon
 */
export async function statusOfDaemon(
  paths: HomePaths,
  flags: NodeFlags,
  hint?: string,
): Promise<StatusEvent | undefined> {
  const client = await ControlClient.connect(paths)
  if (client === undefined) return undefined
  const status = await client.status()
  refuseOther(flags, status)
  if (!status.daemon) throw notDaemon(paths.home, status.pid, hint)
  refuseOtherLimits(flags, status)
  return status
}

export function notDaemon(
  home: string,
  pid: number,
  hint: string = FAILURES.notInBackgroundHint,
): ShoalError {
  return new ShoalError('ERR_NOT_DAEMON', FAILURES.notInBackground(home, pid), { hint })
}

/**
 * Waits until whoever was started last answers.
 *
 * @param check called between two questions; it throws when there is nobody to wait for
 * @param hint what to do when the time is over
 * @throws ShoalError ERR_NO_NODE when it does not answer in time, and what `check` throws
 */
export async function untilItAnswers(
  paths: HomePaths,
  flags: NodeFlags,
  { clock, stop }: Pick<Context, 'clock' | 'stop'>,
  { check, hint }: { check: () => Promise<void>; hint: string },
): Promise<StatusEvent> {
  const deadlineMs = clock.monotonic() + START_MS
  for (;;) {
    const status = await answering(paths, flags)
    if (status !== undefined) return status
    await check()
    if (clock.monotonic() >= deadlineMs) {
      throw new ShoalError('ERR_NO_NODE', FAILURES.notStarted(START_MS / 1_000), { hint })
    }
    await pause(clock, POLL_MS, stop)
  }
}

async function answering(paths: HomePaths, flags: NodeFlags): Promise<StatusEvent | undefined> {
  try {
    return await statusOfDaemon(paths, flags)
  } catch (error) {
    // The token of the one before is there until the new one is written.
    if (isShoalError(error, 'ERR_NOT_AUTHORISED') || isNodeGone(error)) return undefined
    throw error
  }
}
