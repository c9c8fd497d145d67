/** `shoal daemon start`: a process of its own that outlives this one, and the wait until it answers. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, open, readFile } from 'node:fs/promises'
import {
  ControlClient,
  ShoalError,
  homePaths,
  isShoalError,
  type ErrorEvent,
  type HomePaths,
  type StatusEvent,
} from '@shoal/node/control'
import type { Context } from '../context.ts'
import { reportStatus } from '../output/shares-reporter.ts'
import { FAILURES } from '../strings/errors.ts'
import { pause } from '../terminal-clock.ts'
import { refuseOther, type NodeFlags } from '../with-node.ts'

/** How long it may take to answer, in milliseconds. */
const START_MS = 30_000
const POLL_MS = 25

/**
 * Starts one, unless it runs, and says how it is reached.
 *
 * @throws ShoalError ERR_USAGE when one runs with other flags, ERR_NOT_DAEMON when what runs is no daemon, ERR_NO_NODE when
 *   it does not answer in time, and what it ended with
 */
export async function startDaemon(flags: NodeFlags, context: Context): Promise<void> {
  const paths = homePaths(flags.home, context.env)
  const { status } = (await running(paths, flags)) ?? (await begin(paths, flags, context))
  reportStatus(context.output, status, [])
}

interface Found {
  readonly status: StatusEvent
}

async function running(paths: HomePaths, flags: NodeFlags): Promise<Found | undefined> {
  const client = await ControlClient.connect(paths)
  if (client === undefined) return undefined
  const status = await client.status()
  refuseOther(flags, status)
  if (status.daemon) return { status }
  throw new ShoalError('ERR_NOT_DAEMON', FAILURES.notInBackground(paths.home, status.pid), {
    hint: FAILURES.notInBackgroundHint,
  })
}

async function begin(paths: HomePaths, flags: NodeFlags, { clock, stop }: Context): Promise<Found> {
  const child = await spawnDaemon(paths, flags)
  const deadlineMs = clock.monotonic() + START_MS
  try {
    for (;;) {
      const hasEnded = child.exitCode !== null || child.signalCode !== null
      // Another may have been started at the same moment, and one of the two has the home.
      const found = await answering(paths, flags)
      if (found !== undefined) return found
      if (hasEnded) {
        const fault = await lastWord(paths)
        if (fault.code !== 'ERR_HOME_BUSY') throw fault
      }
      if (clock.monotonic() >= deadlineMs) {
        throw new ShoalError('ERR_NO_NODE', FAILURES.notStarted(START_MS / 1_000), {
          hint: FAILURES.seeLog(paths.daemonLog),
        })
      }
      await pause(clock, POLL_MS, stop)
    }
  } catch (error) {
    child.kill()
    throw error
  }
}

async function answering(paths: HomePaths, flags: NodeFlags): Promise<Found | undefined> {
  try {
    return await running(paths, flags)
  } catch (error) {
    // The token of the one before is there until the new one is written.
    if (isShoalError(error, 'ERR_NOT_AUTHORISED')) return undefined
    throw error
  }
}

/** Its words go to a file: nobody else hears them. */
async function spawnDaemon(paths: HomePaths, flags: NodeFlags): Promise<ChildProcess> {
  const { execPath, execArgv, argv } = process
  await mkdir(paths.home, { recursive: true, mode: 0o700 })
  await using log = await open(paths.daemonLog, 'a', 0o600)
  await log.truncate()
  const child = spawn(
    execPath,
    [...execArgv, argv[1] ?? '', 'daemon', 'run', '--json', ...argumentsOf(flags)],
    {
      cwd: paths.home,
      detached: true,
      windowsHide: true,
      stdio: ['ignore', log.fd, log.fd],
    },
  )
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
  child.unref()
  return child
}

function argumentsOf({ home, network, listen, peers, bootstrap, mdns, up, down }: NodeFlags): string[] {
  const each = (flag: string, values: readonly string[] = []): string[] =>
    values.flatMap((value) => [flag, value])
  const one = (flag: string, value: string | number | undefined): string[] =>
    value === undefined ? [] : [flag, String(value)]
  return [
    ...one('--home', home),
    ...one('--network', network),
    ...each('--listen', listen),
    ...each('--peer', peers),
    ...each('--bootstrap', bootstrap),
    ...(mdns === undefined ? [] : ['--mdns']),
    ...one('--up', up),
    ...one('--down', down),
  ]
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
