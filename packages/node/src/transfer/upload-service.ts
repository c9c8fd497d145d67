/** Answers peers: one session per stream, bounded per peer and in all, each served from the registry. */
import { ShoalError } from '../errors.ts'
import type { Channel } from '../network/channel.ts'
import type { Seams } from '../util/seams.ts'
import type { TransferLimits } from './limits.ts'
import { MemoryBudget } from './memory-budget.ts'
import { Session, type SessionHandler } from './session.ts'
import type { ShareRegistry } from './share-registry.ts'
import { Uploader } from './uploader.ts'

export interface UploadServiceInit {
  readonly registry: ShareRegistry
  readonly seams: Seams
  readonly limits: TransferLimits
  /** Told of each session that is open, when it is being served. */
  readonly onOpen?: (session: Session) => void
}

/** What was served of one root since it was shared. */
export interface ServedFacts {
  /** Block payload bytes handed to the network. */
  bytes: number
  /** Peers connected for this root now. */
  peers: number
}

export class UploadService {
  readonly #init: UploadServiceInit
  readonly #budget: MemoryBudget
  readonly #sessions = new Map<Session, string>()
  readonly #served = new Map<string, ServedFacts>()
  readonly #listeners = new Set<(root: string, facts: ServedFacts) => void>()

  constructor(init: UploadServiceInit) {
    this.#init = init
    this.#budget = new MemoryBudget(init.limits.maxBlocksInMemory)
  }

  /** Takes a stream that a peer opened. */
  accept(channel: Channel): void {
    const { registry, seams, limits } = this.#init
    if (!this.#hasRoomFor(channel.remoteName)) {
      channel.abort(new ShoalError('ERR_PROTOCOL', 'too many sessions'))
      return
    }
    const session = Session.answer(
      { channel, seams, limits, onOpen: (opened) => this.#serve(opened) },
      (digest) => registry.find(digest)?.root,
    )
    this.#sessions.set(session, channel.remoteName)
    session.attach(whenEnded(() => this.#sessions.delete(session)))
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

  /** Ends the sessions for a root, or all of them. */
  async stop(root?: string): Promise<void> {
    const ending = [...this.#sessions.keys()].filter(
      (session) => root === undefined || (session.isOpen && session.root.toString() === root),
    )
    await Promise.all(ending.map((session) => session.close('shutdown')))
    if (root !== undefined) this.#served.delete(root)
  }

  #hasRoomFor(peer: string): boolean {
    const { maxSessions, maxSessionsPerPeer } = this.#init.limits
    let ofPeer = 0
    for (const name of this.#sessions.values()) if (name === peer) ofPeer++
    return this.#sessions.size < maxSessions && ofPeer < maxSessionsPerPeer
  }

  #serve(session: Session): void {
    const source = this.#init.registry.find(session.providerDigest)
    if (source === undefined) {
      void session.close('unknown')
      return
    }
    const root = source.root.toString()
    const facts = this.served(root)
    const tell = (): void => {
      for (const listener of this.#listeners) listener(root, facts)
    }
    const uploader = new Uploader({
      session,
      source,
      limits: this.#init.limits,
      budget: this.#budget,
      onSent: (bytes, block) => {
        if (block === undefined) return
        facts.bytes += bytes
        tell()
      },
    })
    facts.peers++
    session.attach(uploader)
    session.attach(
      whenEnded(() => {
        facts.peers--
        tell()
      }),
    )
    uploader.announce()
    this.#init.onOpen?.(session)
    tell()
  }
}

function whenEnded(onEnd: () => void): SessionHandler {
  return { payloadFor: () => undefined, onMessage: () => {}, onEnd }
}
