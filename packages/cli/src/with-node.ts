/**
 * Gives a command a node to talk to: the one that runs on its home, else one of its own in this process. Both are
 * spoken to through the home's control socket, so there is one way of doing things. When the process whose node
 * a command uses ends, the command takes the home over and goes on.
 */
import {
  ControlClient,
  ShoalError,
  homePaths,
  loadConfig,
  withConfig,
  type HomePaths,
  type NetworkPreset,
  type NodeOptions,
  type StatusEvent,
} from '@shoal/node/control'
import { FAILURES } from './strings/errors.ts'
import { SWITCH } from './strings/output.ts'
import type { TerminalClock } from './terminal-clock.ts'
import { tuneRuntime } from './tune-runtime.ts'
import { untilFree } from './until-free.ts'
import { withSuccessors } from './with-successors.ts'

export interface NodeFlags {
  readonly home: string
  /** As given on the command line; undefined where it was not. */
  readonly network: NetworkPreset | undefined
  readonly listen: readonly string[] | undefined
  readonly peers: readonly string[] | undefined
  readonly bootstrap: readonly string[] | undefined
  readonly mdns: true | undefined
  readonly apiTcp: boolean | undefined
  /** Bytes per second, 0 = no limit. They bind the work of the command and not the node, which others may use too. */
  readonly up: number | undefined
  readonly down: number | undefined
}

/** The limits of a command, as a request says them. */
export function limitsOf({ up, down }: NodeFlags): { up?: number; down?: number } {
  return { ...(up === undefined ? {} : { up }), ...(down === undefined ? {} : { down }) }
}

export interface NodeSession extends AsyncDisposable {
  readonly client: ControlClient
  /** Whether the node runs in this process. */
  readonly isOwn: boolean
}

/** What `createNode` of `@shoal/node` returns, as far as it is used here. */
export interface OwnNode {
  stop: () => Promise<void>
}

export interface WithNodeInit {
  readonly flags: NodeFlags
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: TerminalClock
  readonly signal: AbortSignal
  /** Starts a node in this process. */
  readonly start: (options: NodeOptions) => Promise<OwnNode>
}

/** Loads the engine, network and all, only when a node has to be started. */
export async function startNode(options: NodeOptions): Promise<OwnNode> {
  tuneRuntime()
  const { createNode } = await import('@shoal/node')
  return createNode(options)
}

/**
 * Runs `work` with a node; again with another node when the one it used was another process's and ended.
 *
 * @throws ShoalError ERR_USAGE when flags contradict the node that runs, ERR_HOME_BUSY, and what `work` throws
 */
export async function withNode<T>(
  init: WithNodeInit,
  work: (session: NodeSession) => Promise<T>,
): Promise<T> {
  let isOwn = false
  const attempt = async (onFound: () => void): Promise<T> => {
    await using session = await openSession(init)
    isOwn = session.isOwn
    onFound()
    return await work(session)
  }
  return withSuccessors(init, attempt, () => !isOwn)
}

async function openSession(init: WithNodeInit): Promise<NodeSession> {
  const { flags, env, clock, signal } = init
  const paths = homePaths(flags.home, env)
  return untilFree(clock, signal, async () => (await attach(paths, flags)) ?? (await startOwn(init, paths)))
}

async function attach(paths: HomePaths, flags: NodeFlags): Promise<NodeSession | undefined> {
  const client = await ControlClient.connect(paths)
  if (client === undefined) return undefined
  const { network, listen, bootstrap, mdns, apiTcp } = flags
  const isBound = [network, listen, bootstrap, mdns, apiTcp].some((flag) => flag !== undefined)
  if (isBound) refuseOther(flags, await client.status())
  return { client, isOwn: false, [Symbol.asyncDispose]: async () => {} }
}

async function startOwn(init: WithNodeInit, paths: HomePaths): Promise<NodeSession> {
  const config = await loadConfig(paths.home)
  const node = await init.start(withConfig(nodeOptions(init.flags), config))
  try {
    init.signal.throwIfAborted()
    const client = await clientOfOwn(paths)
    return { client, isOwn: true, [Symbol.asyncDispose]: () => node.stop() }
  } catch (error) {
    await node.stop()
    throw error
  }
}

/** A client of the node that this process has just started. */
export async function clientOfOwn(paths: HomePaths): Promise<ControlClient> {
  const client = await ControlClient.connect(paths)
  if (client === undefined) throw new ShoalError('ERR_INTERNAL', 'what was just started does not answer')
  return client
}

/**
 * How a node is to be by these flags; the rest is up to the settings of its home. Limits are of the work of a command, and not
 * among them.
 */
export function nodeOptions(flags: NodeFlags): NodeOptions {
  const { home, network, listen, peers, bootstrap, mdns, apiTcp } = flags
  return {
    home,
    ...(network === undefined ? {} : { network }),
    ...(listen === undefined ? {} : { listen }),
    ...(peers === undefined ? {} : { peers }),
    ...(bootstrap === undefined ? {} : { bootstrap }),
    ...(mdns === undefined ? {} : { mdns }),
    ...(apiTcp === undefined ? {} : { apiTcp }),
  }
}

/**
 * What a running node was started with cannot be changed by a command that only uses it.
 *
 * @throws ShoalError ERR_USAGE
 */
export function refuseOther(flags: NodeFlags, status: StatusEvent): void {
  refuse('--network', flags.network, status.network)
  refuse('--listen', flags.listen?.join(' '), status.listen.join(' '))
  refuse('--bootstrap', flags.bootstrap?.join(' '), status.bootstrap.join(' '))
  refuseSwitch('--mdns', flags.mdns, status.mdns)
  refuseSwitch('--api-tcp', flags.apiTcp, status.api !== null)
}

/**
 * The same of limits, where they are to be those of the node and not of the work of a command.
 *
 * @throws ShoalError ERR_USAGE
 */
export function refuseOtherLimits({ up, down }: NodeFlags, status: StatusEvent): void {
  refuse('--up', up?.toString(), status.up.toString())
  refuse('--down', down?.toString(), status.down.toString())
}

function refuseSwitch(flag: string, given: boolean | undefined, running: boolean): void {
  const word = (isOn: boolean): string => (isOn ? SWITCH.on : SWITCH.off)
  refuse(flag, given === undefined ? undefined : word(given), word(running))
}

function refuse(flag: string, given: string | undefined, running: string): void {
  if (given === undefined || given === running) return
  throw new ShoalError('ERR_USAGE', FAILURES.otherNode(flag, given, running), {
    hint: FAILURES.otherNodeHint(flag),
  })
}
