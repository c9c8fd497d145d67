/** `shoal daemon start`: a process of its own that outlives this one, and the wait until it answers. */
import { spawn, type ChildProcess } from 'node:child_process'
import { open, readFile, type FileHandle } from 'node:fs/promises'
import {
  ShoalError,
  homePaths,
  isHomeFree,
  loadIdentity,
  type ErrorEvent,
  type HomePaths,
  type StatusEvent,
} from '@shoal/node/control'
import type { Context } from '../context.ts'
import { reportStatus } from '../output/shares-reporter.ts'
import { FAILURES } from '../strings/errors.ts'
import type { NodeFlags } from '../with-node.ts'
import { ALLOCATOR } from './allocator.ts'
import { statusOfDaemon, untilItAnswers } from './answering.ts'
import { daemonCommand } from './command.ts'
import { BACKGROUND } from './log.ts'

/**
 * Starts one, unless it runs, and says how it is reached.
 *
 * @throws ShoalError as `statusOfDaemon` and `untilItAnswers`, and what it ended with
 */
export async function startDaemon(flags: NodeFlags, context: Context): Promise<void> {
  const paths = homePaths(flags.home, context.env)
  const status = (await statusOfDaemon(paths, flags)) ?? (await beginDaemon(paths, flags, context))
  reportStatus(context.output, status, [])
}

/**
 * Starts one where none answers, and waits until it does; another that was started at the same moment may be the one.
 *
 * @throws ShoalError as `startDaemon`
 */
export async function beginDaemon(
  paths: HomePaths,
  flags: NodeFlags,
  context: Pick<Context, 'clock' | 'stop'>,
): Promise<StatusEvent> {
  let child = await spawnDaemon(paths, flags)
  let hasEnded = false
  const check = async (): Promise<void> => {
    if (hasEnded) {
      // Another may have been started at the same moment, and one of the two has the home.
      const fault = await lastWord(paths)
      if (fault.code !== 'ERR_HOME_BUSY') throw fault
      // Or who had it was about to end.
      if (await isHomeFree(paths.home)) child = await spawnDaemon(paths, flags)
    }
    // It is asked once more after this.
    hasEnded = child.exitCode !== null || child.signalCode !== null
  }
  try {
    return await untilItAnswers(paths, flags, context, { check, hint: FAILURES.seeLog(paths.daemonLog) })
  } catch (error) {
    child.kill()
    throw error
  }
}

/** Its words go to a file: nobody else hears them. */
async function spawnDaemon(paths: HomePaths, flags: NodeFlags): Promise<ChildProcess> {
  const [program = '', ...given] = daemonCommand(flags)
  // Makes the home, in which it writes.
  await loadIdentity(paths.home)
  await using log = await openLog(paths)
  const child = spawn(program, given, {
    cwd: paths.home,
    // A link that this command was given is nobody else's.
    env: { ...ALLOCATOR, ...process.env, SHOAL_LINK: undefined, [BACKGROUND]: '1' },
    detached: true,
    windowsHide: true,
    stdio: ['ignore', log.fd, log.fd],
  })
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
  child.unref()
  return child
}

async function openLog({ daemonLog }: HomePaths): Promise<FileHandle> {
  try {
    const log = await open(daemonLog, 'a', 0o600)
    await log.truncate()
    return log
  } catch (cause) {
    throw new ShoalError('ERR_HOME_INVALID', FAILURES.notWritten(daemonLog), { cause })
  }
}

/** With what it ended, as it said itself. Another that was started at the same moment may have said something after it. */
async function lastWord(paths: HomePaths): Promise<ShoalError> {
  const lines = (await readFile(paths.daemonLog, 'utf8')).split('\n')
  const fault = lines.map(errorIn).findLast((event) => event !== undefined)
  if (fault !== undefined) return ShoalError.fromJSON(fault)
  return new ShoalError('ERR_INTERNAL', FAILURES.endedAtOnce, { hint: FAILURES.seeLog(paths.daemonLog) })
}

/** Undefined for what is said in no order, before it can be. */
function errorIn(line: string): ErrorEvent | undefined {
  try {
    const event = JSON.parse(line) as ErrorEvent
    return event.type === 'error' ? event : undefined
  } catch {
    return undefined
  }
}
