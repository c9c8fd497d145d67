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
import { writeNote, type Output } from '../output/output.ts'
import { FAILURES } from '../strings/errors.ts'
import { PLAIN, TERMINAL } from '../strings/output.ts'
import { pause } from '../terminal-clock.ts'

/** How long it may take to end, in milliseconds: longer than it gives itself. */
const STOP_MS = 15_000
const POLL_MS = 25

/** @throws ShoalError ERR_NO_NODE when none runs, ERR_NOT_DAEMON when it is none, ERR_HOME_BUSY when it does not end */
export async function stopDaemon(home: string, { env, output, clock, stop }: Context): Promise<void> {
  const paths = homePaths(home, env)
  const client = await ControlClient.connect(paths)
  if (client === undefined) throw new ShoalError('ERR_NO_NODE', FAILURES.notRunning(home))
  const { pid, daemon } = await client.status()
  if (!daemon) {
    throw new ShoalError('ERR_NOT_DAEMON', FAILURES.notInBackground(home, pid), {
      hint: FAILURES.notInBackgroundHint,
    })
  }
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
  report(output, pid)
}

/** A command that used it may have taken the home over by now. */
async function hasEnded(paths: HomePaths, pid: number): Promise<boolean> {
  try {
    const client = await ControlClient.connect(paths)
    if (client !== undefined) return (await client.status()).pid !== pid
  } catch (error) {
    // Who takes the home over is about to write its token.
    if (!isShoalError(error, 'ERR_NOT_AUTHORISED')) throw error
    return true
  }
  return isHomeFree(paths.home)
}

function report(output: Output, pid: number): void {
  const { mode, theme } = output
  if (mode === 'plain') writeNote(output, PLAIN.daemonStopped(pid))
  if (mode === 'terminal') writeNote(output, `${theme.paint('green', theme.ok)} ${TERMINAL.daemonStopped}`)
}
