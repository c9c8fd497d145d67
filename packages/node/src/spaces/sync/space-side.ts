/** What sync asks of one space: by which secrets it is recognised, what it holds, who the other side is. Beside the databases. */
import { fromHex, toHex } from '../auth/action-codec.ts'
import type { Action, Hex } from '../auth/action.ts'
import type { AuthLog } from '../auth/log.ts'
import { decodeOperation } from '../auth/operation.ts'
import { levelOf, PULL, type Role } from '../auth/roles.ts'
import { isShoalError, ShoalError } from '../../errors.ts'
import { keepNewest } from '../../util/keep-newest.ts'
import type { Space } from '../space.ts'
import { listedBytes } from './frame-list.ts'
import { eachKey, idOf, IdSet, keyOf } from './id-set.ts'
import { GREETED_EPOCHS, KNOWN_EPOCHS, MAX_INTRODUCTION_BYTES, MAX_QUESTION_IDS } from './limits.ts'
import { readerSecret, spaceSecret } from './proofs.ts'
import { sortedKeys } from './reconcile.ts'

export type SyncLog = 'auth' | 'catalogue'

/** `blank`: there is no log here by which it could be told. `out`: it was a member, or came in by what does not count. */
export type Standing =
  | { readonly standing: 'member'; readonly role: Role }
  | { readonly standing: 'blank' | 'out' | 'unknown' }

export interface TakenFrames {
  /** One of them is such that nobody honest passes it on. */
  readonly isFalse: boolean
  /** Whether any was new. */
  readonly isFresh: boolean
  /** Keys of what they stand after and that is not here; their order is 0, which is below all others. */
  readonly wanted: Uint8Array
}

export class SpaceSide {
  readonly #space: Space
  /** By epoch key, in hex. */
  readonly #secrets = new Map<string, Uint8Array>()
  #auth: { readonly log: AuthLog; readonly set: IdSet; size: number } | undefined

  constructor(space: Space) {
    this.#space = space
  }

  /**
   * By which another device is greeted, at most as many as a hello has tags. Who is not known as a member is greeted by what only those
   * know who can read now: whoever was put out, or only holds an invitation, is told nothing.
   */
  greetings(isKnown: boolean): Uint8Array[] {
    const { present, others } = this.#space.parts.keys.epochKeys(GREETED_EPOCHS)
    const now = present === undefined ? [] : [this.#secretOf(present)]
    if (!isKnown) return now
    return [...now, ...others.map((key) => this.#secretOf(key)), spaceSecret(this.#space.id)]
  }

  /** By which this space is recognised when it is meant. */
  recognised(): Uint8Array[] {
    const { present, others } = this.#space.parts.keys.epochKeys(KNOWN_EPOCHS)
    const keys = present === undefined ? others : [present, ...others]
    return [...keys.map((key) => this.#secretOf(key)), spaceSecret(this.#space.id)]
  }

  standingOf(author: Hex): Standing {
    if (this.#space.parts.auth.log.facts.graph.size === 0) return { standing: 'blank' }
    const { members, removals, evicted } = this.#space.state
    const member = members.get(author)
    if (member !== undefined) return { standing: 'member', role: member.role }
    return { standing: removals.has(author) || evicted.has(author) ? 'out' : 'unknown' }
  }

  /** @throws ShoalError ERR_SPACE_ROLE unless a log may be told to this author */
  check(author: Hex, log: SyncLog): void {
    const standing = this.standingOf(author)
    // Who has nothing gives nothing away by asking.
    if (log === 'auth' && standing.standing === 'blank') return
    const isReader = (role: Role): boolean => levelOf(role) > PULL
    if (standing.standing === 'member' && (log === 'auth' || isReader(standing.role))) {
      const own = this.standingOf(toHex(this.#space.device.author.publicKey))
      // A replica's disk holds no path, tag or note.
      if (log === 'auth' || (own.standing === 'member' && isReader(own.role))) return
    }
    throw new ShoalError('ERR_SPACE_ROLE', 'the other device may not have this of the space')
  }

  set(log: SyncLog): IdSet {
    if (log === 'catalogue') return this.#space.parts.store.counted()
    const now = this.#space.parts.auth.log
    const { graph } = now.facts
    const known = this.#auth?.log === now ? this.#auth : { log: now, set: new IdSet(), size: 0 }
    for (; known.size < graph.size; known.size++)
      known.set.add(keyOf(graph.depth(known.size), fromHex(graph.id(known.size))))
    this.#auth = known
    return known.set
  }

  /** Frames in the order of the keys, as many as fit; `used` = keys that they stand for, with those of which there is none. */
  frames(log: SyncLog, keys: Uint8Array, mostBytes: number): { frames: Uint8Array[]; used: number } {
    const frames: Uint8Array[] = []
    let bytes = 0
    let used = 0
    for (const key of eachKey(keys)) {
      const frame = this.#frame(log, idOf(key))
      if (frame !== undefined) {
        bytes += listedBytes(frame)
        if (bytes > mostBytes) break
        frames.push(frame)
      }
      used++
    }
    return { frames, used }
  }

  async take(log: SyncLog, frames: readonly Uint8Array[]): Promise<TakenFrames> {
    if (log === 'catalogue') {
      const outcomes = this.#space.takeBatches(frames)
      return {
        isFalse: outcomes.some((it) => it.state === 'refused' && it.isFalse),
        isFresh: outcomes.some(({ state }) => state === 'kept' || state === 'waiting'),
        wanted: wantedKeys(this.#space.parts.store.wanted(MAX_QUESTION_IDS)),
      }
    }
    const outcomes = await this.#space.takeAuth(frames)
    return {
      isFalse: outcomes.some((it) => typeof it === 'object' && it.isFalse),
      isFresh: outcomes.some((it) => it === 'new' || it === 'waiting'),
      wanted: wantedKeys(this.#missing().map(fromHex)),
    }
  }

  /**
   * Operations of the auth log that are named, and what stands before them, the newest first, as many as one message holds. Without
   * names: the one that let this device in.
   */
  introduction(named: readonly Hex[]): Uint8Array[] {
    const { graph } = this.#space.parts.auth.log.facts
    const own = toHex(this.#space.device.author.publicKey)
    const isWanted = new Uint8Array(graph.size)
    for (const id of named) isWanted[graph.numberOf(id) ?? graph.size] = 1
    let number = graph.size - 1
    if (named.length === 0) {
      while (number > 0 && !letsIn(graph.action(number), graph.author(number), own)) number--
      if (number >= 0) isWanted[number] = 1
    }
    const frames: Uint8Array[] = []
    let bytes = 0
    for (; number >= 0; number--) {
      if (isWanted[number] !== 1) continue
      for (let at = graph.start(number); at < graph.start(number + 1); at++)
        isWanted[graph.linkTable[at] as number] = 1
      const frame = this.#space.parts.auth.frame(graph.id(number)) as Uint8Array
      bytes += listedBytes(frame)
      if (bytes > MAX_INTRODUCTION_BYTES) break
      frames.push(frame)
    }
    return frames
  }

  /** Takes what introduces somebody. @returns ids that they stand after and that are not here */
  async introduce(frames: readonly Uint8Array[]): Promise<Hex[]> {
    await this.#space.takeAuth(frames)
    const named = new Set<Hex>()
    for (const frame of frames) {
      try {
        for (const id of decodeOperation(frame).prev) named.add(id)
      } catch (error) {
        if (!isShoalError(error)) throw error
      }
    }
    // Not what others wait for: who asks here has not shown yet that it is a member.
    return this.#missing().filter((id) => named.has(id))
  }

  #missing(): Hex[] {
    return this.#space.parts.auth.log.missing.slice(0, MAX_QUESTION_IDS)
  }

  #frame(log: SyncLog, id: Uint8Array): Uint8Array | undefined {
    const { auth, store } = this.#space.parts
    return log === 'auth' ? auth.frame(toHex(id)) : store.frame(id)
  }

  #secretOf(epochKey: Uint8Array): Uint8Array {
    const name = toHex(epochKey)
    const secret = this.#secrets.get(name) ?? readerSecret(this.#space.id, epochKey)
    this.#secrets.delete(name)
    this.#secrets.set(name, secret)
    keepNewest(this.#secrets, KNOWN_EPOCHS + 1)
    return secret
  }
}

function wantedKeys(ids: readonly Uint8Array[]): Uint8Array {
  return sortedKeys(ids.map((id) => keyOf(0, id)))
}

function letsIn(action: Action, author: Hex, key: Hex): boolean {
  if (action.type === 'redeem') return author === key
  if (action.type === 'genesis') return action.founders.some((founder) => founder.key === key)
  return (action.type === 'admit' || action.type === 'founder') && action.member === key
}
