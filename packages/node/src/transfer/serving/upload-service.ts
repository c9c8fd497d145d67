/** Answers peers: one session per stream, bounded per peer and in all, each served from the registry. */
import type { CID } from 'multiformats/cid'
import { ShoalError } from '../../errors.ts'
import type { Channel } from '../../network/channel.ts'
import type { Shedding } from '../../network/loop-watchdog.ts'
import type { Seams } from '../../util/seams.ts'
import { FairBudget } from './fair-budget.ts'
import type { TransferLimits } from '../limits.ts'
import type { TransferCounts } from '../transfer-counts.ts'
import { endWhenUnused } from '../wire/kept-session.ts'
import { SendOrder } from './send-order.ts'
import { Session } from '../wire/session.ts'
import type { SessionHandler } from '../wire/session-handler.ts'
import { SessionTable } from '../wire/session-table.ts'
import type { ShareRegistry } from './share-registry.ts'
import { Uploader, type Ask } from './uploader.ts'

export interface UploadServiceInit {
  readonly registry: ShareRegistry
  readonly seams: Seams
  readonly limits: TransferLimits
  /** @defaultValue nobody counts */
  readonly counts?: TransferCounts
  /** Where the sessions of this node are entered, whoever opened them. @defaultValue one of its own */
  readonly table?: SessionTable
  /** Told of each session that is open, when it is being served. */
  readonly onOpen?: (session: Session) => void
  /** When newcomers are told to come back because this node cannot keep up. @defaultValue never */
  readonly shedding?: Shedding
}

/** What was served of one root since it was shared. */
export interface ServedFacts {
  /** Block payload bytes handed to the network. */
  bytes: number
  /** Sessions open for this root now. */
  peers: number
}

type BlockListener = (root: string, peer: string, block: number, bytes: number) => void

export class UploadService {
  readonly #init: UploadServiceInit
  readonly #budget: FairBudget
  readonly #table: SessionTable
  /** Sessions that peers opened, or that are kept for them, with the peer's id. */
  readonly #sessions = new Map<Session, string>()
  /** Open sessions that are served, whoever opened them. */
  readonly #uploaders = new Map<Session, Uploader>()
  /** By root, while somebody is served. */
  readonly #orders = new Map<string, SendOrder>()
  readonly #served = new Map<string, ServedFacts>()
  readonly #listeners = new Set<(root: string, facts: ServedFacts) => void>()
  readonly #onBlock = new Set<BlockListener>()
  readonly #onSession = new Map<string, Set<(session: Session) => void>>()

  constructor(init: UploadServiceInit) {
    this.#init = init
    const { maxBlocksInMemory, maxBlocksPerPeer, readAheadBlocks } = init.limits
    this.#budget = new FairBudget({
      blocks: maxBlocksInMemory,
      blocksPerPeer: maxBlocksPerPeer,
      readAheadBlocks,
    })
    this.#table = init.table ?? new SessionTable()
    init.registry.onChange(() => {
      for (const uploader of this.#uploaders.values()) uploader.announce()
    })
  }

  /** Takes a stream that a peer opened. */
  accept(channel: Channel): void {
    const { registry, seams, limits, counts } = this.#init
    if (!this.#hasRoomFor(channel.remoteName)) {
      channel.abort(new ShoalError('ERR_PROTOCOL', 'too many sessions'))
      return
    }
    const session = Session.answer(
      { channel, seams, limits, counts, onOpen: (opened) => this.#opened(opened) },
      (digest) => registry.find(digest)?.root,
    )
    this.#sessions.set(session, channel.remoteName)
    session.attach(whenEnded(() => this.#sessions.delete(session)))
  }

  /**
   * Serves an open session, whichever side opened it, with what this node has of its root now and later. Does nothing to
   * one that is served already.
   *
   * @param isShed may be true for as long as what is asked in the session is answered with `busy`
   */
  serveOn(session: Session, isShed = (): boolean => false): void {
    if (this.#uploaders.has(session) || !session.isOpen) return
    const { registry, limits, seams } = this.#init
    const root = session.root.toString()
    const { providerDigest } = session
    const facts = this.served(root)
    const order = this.#orders.get(root) ?? new SendOrder({ clock: seams.clock, timers: seams.timers })
    this.#orders.set(root, order)
    const uploader = new Uploader({
      session,
      source: () => registry.find(providerDigest),
      limits,
      timers: seams.timers,
      budget: this.#budget,
      order,
      isShed,
      onSent: (bytes, ask) => this.#sent(session, facts, bytes, ask),
    })
    this.#uploaders.set(session, uploader)
    facts.peers++
    session.attach(uploader)
    session.attach(
      whenEnded(() => {
        this.#uploaders.delete(session)
        // The uploader, attached before, has left.
        if (order.isEmpty) this.#orders.delete(root)
        facts.peers--
        this.#tell(root, facts)
        const isForgotten = facts.peers === 0 && registry.find(providerDigest) === undefined
        if (isForgotten && this.#served.get(root) === facts) this.#served.delete(root)
      }),
    )
    uploader.announce()
    this.#tell(root, facts)
  }

  /**
   * Takes over a session whose operation is over, if the peer is served in it: it stays as long as the peer uses it, and
   * no longer than its root is served. False: nobody needs it.
   */
  keep(session: Session): boolean {
    const { registry, seams, limits } = this.#init
    const uploader = this.#uploaders.get(session)
    if (uploader === undefined || session.isOwn || this.#sessions.has(session)) return false
    if (registry.find(session.providerDigest) === undefined || this.#sessions.size >= limits.maxSessions) {
      return false
    }
    this.#sessions.set(session, session.remoteName)
    session.attach(whenEnded(() => this.#sessions.delete(session)))
    endWhenUnused({ session, seams, limits, isServing: () => uploader.isServing })
    return true
  }

  /** Calls back with each open session for a root that a peer opened, those that are open already among them. */
  onSession(root: CID, callback: (session: Session) => void): () => void {
    const key = root.toString()
    const callbacks = this.#onSession.get(key) ?? new Set()
    this.#onSession.set(key, callbacks.add(callback))
    for (const session of this.#ofRoot(key)) if (!session.isOwn && !session.isOpener) callback(session)
    return () => {
      callbacks.delete(callback)
      if (callbacks.size === 0 && this.#onSession.get(key) === callbacks) this.#onSession.delete(key)
    }
  }

  /** What was served of a root, by its text. */
  served(root: string): ServedFacts {
    let facts = this.#served.get(root)
    if (facts === undefined) {
      facts = { bytes: 0, peers: 0 }
      this.#served.set(root, facts)
    }
    return facts
  }

  /** Calls `listener` after each change. Returns how to stop that. */
  onServed(listener: (root: string, facts: ServedFacts) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Calls `listener` with each block that was sent in full, and to whom. Returns how to stop that. */
  onBlock(listener: BlockListener): () => void {
    this.#onBlock.add(listener)
    return () => this.#onBlock.delete(listener)
  }

  /** Who is served of a root now. */
  peersOf(root: string): Set<string> {
    const open = [...this.#uploaders.keys()].filter((session) => session.root.toString() === root)
    return new Set(open.map((session) => session.remoteName))
  }

  /** Ends the sessions that peers opened, or that are kept for them, for a root or all of them. */
  async stop(root?: string): Promise<void> {
    const ending = root === undefined ? [...this.#sessions.keys()] : this.#ofRoot(root)
    await Promise.all(ending.map((session) => session.close('shutdown')))
    if (root !== undefined) this.#served.delete(root)
  }

  #ofRoot(root: string): Session[] {
    return [...this.#sessions.keys()].filter((session) => session.isOpen && session.root.toString() === root)
  }

  #hasRoomFor(peer: string): boolean {
    const { maxSessions, maxSessionsPerPeer } = this.#init.limits
    let ofPeer = 0
    for (const name of this.#sessions.values()) if (name === peer) ofPeer++
    return this.#sessions.size < maxSessions && ofPeer < maxSessionsPerPeer
  }

  #opened(session: Session): void {
    if (this.#init.registry.find(session.providerDigest) === undefined) {
      void session.close('unknown')
      return
    }
    if (!this.#table.enter(session)) return
    this.serveOn(session, this.#sheds(session))
    this.#init.onOpen?.(session)
    // A node that asks itself has nobody new to ask.
    if (session.isOwn) return
    for (const callback of this.#onSession.get(session.root.toString()) ?? []) callback(session)
  }

  /** Who comes while this node cannot keep up is told to wait until it can, and is no newcomer from then on. */
  #sheds(session: Session): () => boolean {
    const { shedding, seams, limits } = this.#init
    if (shedding?.isOn !== true || session.isOwn) return () => false
    shedding.refused()
    const endMs = seams.clock.monotonic() + limits.mostShedMs
    let isShed = true
    return () => (isShed &&= shedding.isOn && seams.clock.monotonic() < endMs)
  }

  #sent(session: Session, facts: ServedFacts, bytes: number, ask: Ask): void {
    const root = session.root.toString()
    const block = typeof ask === 'number' ? ask : this.#blockOf(session, ask)
    if (typeof ask === 'number') facts.bytes += bytes
    const { remoteName } = session
    if (block !== undefined) for (const listener of this.#onBlock) listener(root, remoteName, block, bytes)
    if (typeof ask === 'number') this.#tell(root, facts)
  }

  /** A root that is a leaf is got by CID, and is the only block. */
  #blockOf(session: Session, cid: CID): number | undefined {
    const source = this.#init.registry.find(session.providerDigest)
    return source?.total === 1 && cid.equals(source.root) ? 0 : undefined
  }

  #tell(root: string, facts: ServedFacts): void {
    for (const listener of this.#listeners) listener(root, facts)
  }
}

function whenEnded(onEnd: () => void): SessionHandler {
  return { payloadFor: () => undefined, onMessage: () => {}, onEnd }
}
