/**
 * Gossip of the spaces of a home: what was written here is told as soon as it is on the disk, and what others tell is handed to the
 * thread that has the spaces, which judges it. A node without spaces begins nothing.
 */
import type { Host } from '../../network/host.ts'
import type { Pubsub, PubsubVerdict } from '../../network/pubsub/pubsub.ts'
import type { Seams } from '../../util/seams.ts'
import { fromHex, toHex } from '../auth/action-codec.ts'
import type { Hex } from '../auth/action.ts'
import { WRITES, type CallName } from '../host/calls.ts'
import type { SpaceHost } from '../host/space-host.ts'
import type { GossipMessage } from './envelope.ts'
import { MAX_TOLD_BATCHES } from './limits.ts'
import { SpaceGossip } from './space-gossip.ts'
import { authVerdictOf, verdictOf } from './verdict.ts'

export interface GossipServiceInit {
  readonly network: Pick<Host, 'pubsub'>
  readonly host: Pick<SpaceHost, 'call'>
  readonly seams: Seams
  /** Did this peer prove that it is a member of a space of this home? */
  readonly isMember: (peerId: string) => boolean
}

/** What others write: they told it themselves. */
const OF_OTHERS: ReadonlySet<CallName> = new Set<CallName>([
  'keep',
  'takeAuth',
  'takeBatches',
  'syncTake',
  'syncIntroduce',
])

export class GossipService {
  readonly #init: GossipServiceInit
  #pubsub: Promise<Pubsub | undefined> | undefined
  #gossip: Promise<SpaceGossip | undefined> | undefined
  #isStopped = false

  constructor(init: GossipServiceInit) {
    this.#init = init
  }

  /** Takes part in these spaces. */
  start(spaces: readonly Hex[]): void {
    for (const space of spaces) void this.#renew(space)
  }

  /** Something was changed in a space by a call, which gave this answer. */
  changed(space: Hex, call: CallName, answer: unknown): void {
    // A batch changes nobody's standing or key.
    if (!WRITES.has(call) && call !== 'takeBatches') void this.#renew(space)
    if (!OF_OTHERS.has(call)) void this.#tell(space, call, answer)
  }

  /** A peer that is connected has proved that it is a member. */
  greet(peerId: string): void {
    void this.#pubsub?.then((pubsub) => pubsub?.greet(peerId))
  }

  /** Leaves all spaces; the host ends what carries it. */
  async stop(): Promise<void> {
    this.#isStopped = true
    ;(await this.#gossip)?.stop()
  }

  /** Undefined where this node has no gossip. Does not reject: spaces are kept in step without it. */
  async #begin(): Promise<SpaceGossip | undefined> {
    if (this.#isStopped) return undefined
    const { network, seams, isMember } = this.#init
    this.#pubsub ??= Promise.resolve(network.pubsub(isMember)).catch(() => undefined)
    this.#gossip ??= this.#pubsub.then((pubsub) =>
      pubsub === undefined
        ? undefined
        : new SpaceGossip({
            pubsub,
            seams,
            onMessage: (space, message) => this.#take(toHex(space), message),
            renew: (space) => void this.#renew(toHex(space)),
          }),
    )
    return await this.#gossip
  }

  /** Has the names and keys of now worked out where the keys are. */
  async #renew(space: Hex): Promise<void> {
    const gossip = await this.#begin()
    if (gossip === undefined || this.#isStopped) return
    const topics = await this.#init.host.call('gossipTopics', { space }).catch(() => undefined)
    if (topics !== undefined && !this.#isStopped) gossip.join(fromHex(space), topics)
  }

  async #tell(space: Hex, call: CallName, answer: unknown): Promise<void> {
    const gossip = await this.#begin()
    if (gossip === undefined || this.#isStopped) return
    const written = WRITES.has(call)
      ? (answer as { batches?: readonly Hex[] } | undefined)?.batches
      : undefined
    // Much at once is brought by a session, which begins in a moment, in fewer bytes.
    if (WRITES.has(call) && (written === undefined || written.length > MAX_TOLD_BATCHES)) return
    const messages = await this.#init.host.call('gossipFrames', { space, batches: written }).catch(() => [])
    for (const message of messages) {
      // oxlint-disable-next-line no-await-in-loop -- In the order in which it was written; what is not told comes by a session.
      await gossip.publish(fromHex(space), message).catch(() => 0)
    }
  }

  async #take(space: Hex, { kind, frames }: GossipMessage): Promise<PubsubVerdict> {
    const { host } = this.#init
    if (kind === 'auth') return authVerdictOf(await host.call('takeAuth', { space, frames }))
    const [outcome] = await host.call('takeBatches', { space, frames })
    return outcome === undefined ? 'ignore' : verdictOf(outcome)
  }
}
