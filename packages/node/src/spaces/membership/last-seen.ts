/**
 * Remembers over restarts when members were seen last, and where. Written a while after a change and when a node ends; without it
 * nothing is lost but that.
 *
 *     const lastSeen = new LastSeen({ file, disk, timers, collect, onWarning })
 *     for (const { member, seenMs } of await lastSeen.load()) membership.remember(member, seenMs)
 *     lastSeen.changed()                        // whenever presence did
 *     await lastSeen.close()
 */
import { diskError, systemCode } from '../../errors.ts'
import type { Disk } from '../../store/disk.ts'
import type { TimerHandle, Timers } from '../../util/seams.ts'
import { decodeSeen, encodeSeen, type SeenMember } from './last-seen-file.ts'
import { LAST_SEEN_DELAY_MS, MAX_LAST_SEEN, MAX_LAST_SEEN_FILE_BYTES } from './limits.ts'
import type { MemberPeers } from './member-peers.ts'
import type { Presence } from './presence.ts'

export interface LastSeenInit {
  readonly file: string
  readonly disk: Pick<Disk, 'readStart' | 'replaceFile'>
  readonly timers: Timers
  /** What is to be remembered now. */
  readonly collect: () => readonly SeenMember[]
  /** It cannot be read or written; told once. */
  readonly onWarning: (message: string) => void
}

export class LastSeen {
  readonly #init: LastSeenInit
  #timer: TimerHandle | undefined
  #saving: Promise<void> = Promise.resolve()
  #hasWarned = false

  constructor(init: LastSeenInit) {
    this.#init = init
  }

  /** What an earlier run wrote; nothing where there is no file, or none that can be read. Does not reject. */
  async load(): Promise<SeenMember[]> {
    const { file, disk } = this.#init
    try {
      const members = decodeSeen(await disk.readStart(file, MAX_LAST_SEEN_FILE_BYTES))
      if (members === undefined) this.#warn(`${file} is damaged and begins anew`)
      return members ?? []
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') this.#warn((diskError(error, `reading ${file}`) as Error).message)
      return []
    }
  }

  /** Writes soon. */
  changed(): void {
    this.#timer ??= this.#init.timers.set(() => {
      this.#timer = undefined
      this.#save()
    }, LAST_SEEN_DELAY_MS)
  }

  /** Writes what is known now. */
  async close(): Promise<void> {
    if (this.#timer !== undefined) this.#init.timers.clear(this.#timer)
    this.#timer = undefined
    this.#save()
    await this.#saving
  }

  #save(): void {
    const { file, disk, collect } = this.#init
    const newest = collect()
      .toSorted((a, b) => b.seenMs - a.seenMs)
      .slice(0, MAX_LAST_SEEN)
    this.#saving = this.#saving
      .then(() => disk.replaceFile(file, encodeSeen(newest)))
      .catch((error: unknown) => this.#warn((diskError(error, `writing ${file}`) as Error).message))
  }

  #warn(message: string): void {
    if (this.#hasWarned) return
    this.#hasWarned = true
    this.#init.onWarning(`when members were there last is not remembered: ${message}`)
  }
}

/** What is to be remembered of members: those that were ever seen, and where they are. */
export function seenOf(presence: readonly Presence[], peers: Pick<MemberPeers, 'of'>): SeenMember[] {
  return presence.flatMap(({ member, lastSeenMs }) => {
    if (lastSeenMs === undefined) return []
    const peer = peers.of(member)
    const seenMs = Math.floor(lastSeenMs)
    return [{ member, seenMs, peerId: peer?.peerId, addresses: peer?.addresses ?? [] }]
  })
}
