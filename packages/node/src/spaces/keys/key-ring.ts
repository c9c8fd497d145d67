/**
 * The epochs of one space as one device knows them, and the keys of those that it can open.
 *
 * Announcements come in the order of the auth log: predecessors first. Which of them count is for the auth log to say;
 * keys of one that does not count any more stay, for what was sealed under them is still read. A key is taken from
 * wherever it comes, an announcement, a reseal, the chain or the disk, only if the epoch's id commits to it.
 */
import { ShoalError } from '../../errors.ts'
import type { SealingKey } from './device-keys.ts'
import {
  isKeyOf,
  openAnnouncement,
  readAnnouncement,
  shortId,
  unwrapPredecessor,
  type Announcement,
  type HeldEpoch,
} from './epoch.ts'
import { MAX_EPOCHS_PER_AUTHOR, MAX_PREDECESSORS } from './limits.ts'
import { openReseal, readReseal } from './reseal.ts'
import { hexOf } from './sealed-map.ts'

/** `open`: this device has the key. `locked`: it was not sealed to it. `broken`: it was, but does not open. */
export type EpochState = 'open' | 'locked' | 'broken'

interface Entry {
  readonly announcement: Announcement
  key: Uint8Array | undefined
  isBroken: boolean
  /** Sealing keys, in hex, that the key was sealed to; kept for heads only, since there are a thousand in each. */
  recipients: Set<string> | undefined
}

export class KeyRing {
  readonly #space: Uint8Array
  readonly #device: readonly SealingKey[]
  readonly #entries = new Map<string, Entry>()
  readonly #perAuthor = new Map<string, number>()

  /** @param device the sealing keys of this device: that of its instance, then those of former ones */
  constructor(space: Uint8Array, device: readonly SealingKey[]) {
    this.#space = space
    this.#device = device
  }

  /**
   * Takes an announcement of the auth log, and opens what it can with it; one that is there already changes nothing.
   *
   * @throws ShoalError ERR_CONTENT_INVALID when it is malformed or does not follow epochs that are known, ERR_LIMIT when
   *   its author has announced too many
   */
  async addEpoch(bytes: Uint8Array, author: Uint8Array): Promise<EpochState> {
    const announcement = readAnnouncement(bytes, this.#space, author)
    const name = hexOf(announcement.id)
    const known = this.#entries.get(name)
    if (known !== undefined) return knownState(known)
    this.#judgePlace(announcement)
    const opened = await this.#attempt((key) => openAnnouncement(announcement, key))
    // Given twice at once.
    if (this.#entries.has(name)) return stateOf(opened)
    this.#countFor(author)
    const recipients = new Set(announcement.pairs.map(([recipient]) => hexOf(recipient)))
    // Without its pairs, which may have 118 kB.
    this.#entries.set(name, {
      announcement: { ...announcement, pairs: [] },
      key: undefined,
      isBroken: opened === 'broken',
      recipients,
    })
    for (const id of announcement.predecessors) this.#entryOf(id).recipients = undefined
    if (opened instanceof Uint8Array) this.#unlock(name, opened)
    return stateOf(opened)
  }

  /**
   * Takes a reseal of the auth log.
   *
   * @throws ShoalError ERR_CONTENT_INVALID when it is malformed or of an epoch that is not known
   */
  async addReseal(bytes: Uint8Array, author: Uint8Array): Promise<EpochState> {
    const reseal = readReseal(bytes, this.#space, author)
    const entry = this.#entryOf(reseal.epoch)
    const opened = await this.#attempt(async (sealing) => {
      const key = await openReseal(reseal, sealing)
      if (key === undefined || isKeyOf(entry.announcement, reseal.epoch, key)) return key
      throw new ShoalError('ERR_CONTENT_INVALID', 'the space key that was sealed is not the one announced')
    })
    for (const [recipient] of reseal.pairs) entry.recipients?.add(hexOf(recipient))
    if (opened instanceof Uint8Array) this.#unlock(hexOf(reseal.epoch), opened)
    return stateOf(opened)
  }

  /** @throws ShoalError ERR_LIMIT when no more epochs of this author are taken */
  checkRoom(author: Uint8Array): void {
    if ((this.#perAuthor.get(hexOf(author)) ?? 0) < MAX_EPOCHS_PER_AUTHOR) return
    throw new ShoalError(
      'ERR_LIMIT',
      `one device can announce ${MAX_EPOCHS_PER_AUTHOR} keys of a space, and all are used up`,
    )
  }

  /** Takes a key that was kept; false, and nothing happens, when it is not that of a known epoch. */
  learn(id: Uint8Array, key: Uint8Array): boolean {
    const entry = this.#entries.get(hexOf(id))
    if (entry === undefined || !isKeyOf(entry.announcement, id, key)) return false
    this.#unlock(hexOf(id), key)
    return true
  }

  /**
   * The epoch to send under: of those that count, the one with the greatest depth, then the greatest id. Undefined when
   * there is none, and when this device has not got its key: to go on under an older one would tell those who were removed.
   */
  sending(counts: (id: Uint8Array) => boolean = () => true): { id: Uint8Array; key: Uint8Array } | undefined {
    const latest = this.latest(counts)
    return latest?.key === undefined ? undefined : { id: latest.id, key: latest.key }
  }

  /** As `sending`, with or without its key. */
  latest(counts: (id: Uint8Array) => boolean = () => true): HeldEpoch | undefined {
    let latest: HeldEpoch | undefined
    for (const entry of this.#entries.values()) {
      const epoch = heldOf(entry)
      if (latest !== undefined && compareEpochs(epoch, latest) <= 0) continue
      if (counts(epoch.id)) latest = epoch
    }
    return latest
  }

  /** The epochs whose keys this device has, the greatest first, at most so many. */
  newest(most: number): { id: Uint8Array; key: Uint8Array }[] {
    const held = [...this.#entries.values()].map((entry) => heldOf(entry))
    return held
      .toSorted((a, b) => compareEpochs(b, a))
      .flatMap(({ id, key }) => (key === undefined ? [] : [{ id, key }]))
      .slice(0, most)
  }

  /** Key of an epoch. @throws ShoalError ERR_NO_SPACE_KEY when this device has not got it */
  keyOf(id: Uint8Array): Uint8Array {
    const key = this.#entries.get(hexOf(id))?.key
    if (key !== undefined) return key
    throw new ShoalError('ERR_NO_SPACE_KEY', `this device has not got the space key ${shortId(id)}`)
  }

  /** Epochs that no other follows, which the next one is to follow: the greatest first, at most MAX_PREDECESSORS. */
  heads(): HeldEpoch[] {
    const followed = new Set<string>()
    for (const { announcement } of this.#entries.values()) {
      for (const id of announcement.predecessors) followed.add(hexOf(id))
    }
    const heads = [...this.#entries].filter(([name]) => !followed.has(name)).map(([, entry]) => heldOf(entry))
    return heads.sort((a, b) => compareEpochs(b, a)).slice(0, MAX_PREDECESSORS)
  }

  /** Sealing keys, in hex, that the key of this epoch was sealed to; undefined for one that another follows. */
  recipientsOf(id: Uint8Array): ReadonlySet<string> | undefined {
    return this.#entries.get(hexOf(id))?.recipients
  }

  /** How this device stands to an epoch. @throws ShoalError ERR_CONTENT_INVALID when it is not known */
  stateOf(id: Uint8Array): EpochState {
    return knownState(this.#entryOf(id))
  }

  /** All keys that this device has, to be kept. */
  openKeys(): { id: Uint8Array; key: Uint8Array }[] {
    const entries = [...this.#entries.values()]
    return entries.flatMap(({ announcement: { id }, key }) => (key === undefined ? [] : [{ id, key }]))
  }

  #judgePlace({ depth, predecessors }: Announcement): void {
    const deepest = predecessors.reduce(
      (depthSoFar, id) => Math.max(depthSoFar, this.#entryOf(id).announcement.depth + 1),
      0,
    )
    if (depth !== deepest) {
      throw new ShoalError('ERR_CONTENT_INVALID', `a space key claims depth ${depth} instead of ${deepest}`)
    }
  }

  #countFor(author: Uint8Array): void {
    this.checkRoom(author)
    const name = hexOf(author)
    this.#perAuthor.set(name, (this.#perAuthor.get(name) ?? 0) + 1)
  }

  /** What does not open is no reason to forget that the epoch is there: others have its key. */
  async #attempt(
    open: (key: SealingKey) => Promise<Uint8Array | undefined>,
  ): Promise<Uint8Array | 'locked' | 'broken'> {
    let state: 'locked' | 'broken' = 'locked'
    for (const key of this.#device) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- Nearly always there is one, and only its own box is opened.
        const opened = await open(key)
        if (opened !== undefined) return opened
      } catch {
        state = 'broken'
      }
    }
    return state
  }

  /** Takes a key and, by it, those of all epochs before. */
  #unlock(name: string, key: Uint8Array): void {
    const waiting: [string, Uint8Array][] = [[name, key]]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const entry = this.#entries.get(next[0])
      if (entry === undefined || entry.key !== undefined) continue
      entry.key = next[1]
      for (const [index, id] of entry.announcement.predecessors.entries()) {
        const before = unwrapPredecessor(entry.announcement, index, entry.key)
        if (before === undefined || !isKeyOf(this.#entryOf(id).announcement, id, before)) continue
        waiting.push([hexOf(id), before])
      }
    }
  }

  #entryOf(id: Uint8Array): Entry {
    const entry = this.#entries.get(hexOf(id))
    if (entry !== undefined) return entry
    throw new ShoalError('ERR_CONTENT_INVALID', `a space key follows ${shortId(id)}, which is not known`)
  }
}

function heldOf({ announcement: { id, depth }, key }: Entry): HeldEpoch {
  return { id, depth, key }
}

function stateOf(opened: Uint8Array | 'locked' | 'broken'): EpochState {
  return opened instanceof Uint8Array ? 'open' : opened
}

function knownState({ key, isBroken }: Entry): EpochState {
  if (key !== undefined) return 'open'
  return isBroken ? 'broken' : 'locked'
}

function compareEpochs(a: HeldEpoch, b: HeldEpoch): number {
  return a.depth - b.depth || Buffer.compare(a.id, b.id)
}
