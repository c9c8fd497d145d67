/** Gives a command the node in the background, which is started where none runs, and started again when it ends meanwhile. */
import { ControlClient, ShoalError, homePaths, type HomePaths } from '@shoal/node/control'
import type { Context } from './context.ts'
import { statusOfDaemon } from './daemon/answering.ts'
import { beginDaemon } from './daemon/start.ts'
import { FAILURES } from './strings/errors.ts'
import { untilFree } from './until-free.ts'
import type { NodeFlags } from './with-node.ts'
import { withSuccessors } from './with-successors.ts'

export interface DaemonWork<T> {
  /** Again with the next one when the one that it was given to ended. */
  readonly work: (client: ControlClient) => Promise<T>
  /** Whether all that it takes is still there. @defaultValue it is */
  readonly canRepeat?: () => boolean
  /** What to do where the home is in use by a command in front. @defaultValue what `--detach` says */
  readonly besideHint?: string
  /** Told when one had to be started, with its process id. @defaultValue nobody is */
  readonly onStart?: (pid: number) => void
  /** Told when that was ended again. @defaultValue nobody is */
  readonly onEnd?: () => void
}

/**
 * One that was started for work that then fails is ended, unless others use it by then.
 *
 * @throws ShoalError ERR_NOT_DAEMON when what runs is none, ERR_USAGE when flags contradict it, as `beginDaemon`, and what `work`
 *   throws; on abort the signal's reason
 */
export async function withDaemon<T>(
  flags: NodeFlags,
  { env, clock, stop }: Pick<Context, 'env' | 'clock' | 'stop'>,
  { work, canRepeat = () => true, besideHint = FAILURES.detachBesideHint, onStart, onEnd }: DaemonWork<T>,
): Promise<T> {
  const paths = homePaths(flags.home, env)
  // These are of the work, and go with it; the node does that of others too.
  const ofNode = { ...flags, peers: undefined, up: undefined, down: undefined }
  let isNew = false
  const find = async (): Promise<ControlClient> => {
    if ((await statusOfDaemon(paths, ofNode, besideHint)) === undefined) {
      const { pid } = await beginDaemon(paths, ofNode, { clock, stop })
      isNew = true
      onStart?.(pid)
    }
    return await connect(paths)
  }
  const attempt = async (onFound: () => void): Promise<T> => {
    const client = await untilFree(clock, stop, find)
    onFound()
    return await work(client)
  }
  try {
    return await withSuccessors({ clock, signal: stop }, attempt, canRepeat)
  } catch (error) {
    // Why it failed is what counts.
    if (isNew && (await endIdle(paths).catch(() => false))) onEnd?.()
    throw error
  }
}

/** @throws ShoalError ERR_NODE_STOPPED when it has ended by now */
async function connect(paths: HomePaths): Promise<ControlClient> {
  const client = await ControlClient.connect(paths)
  if (client === undefined) throw new ShoalError('ERR_NODE_STOPPED', FAILURES.backgroundEnded)
  return client
}

/** Whether it was ended. */
async function endIdle(paths: HomePaths): Promise<boolean> {
  const client = await ControlClient.connect(paths)
  if (client === undefined) return false
  for await (const { state } of client.fetches()) {
    if (state === 'queued' || state === 'running' || state === 'waiting') return false
  }
  for await (const event of client.shares({ activeOnly: true })) {
    if (event.type === 'share' && event.state === 'serving') return false
  }
  await client.stop()
  return true
}
