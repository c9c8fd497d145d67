/**
 * Peers that sent wrong data: left alone for a day, whatever is looked for. Kept in a file of the home, so that a restart is
 * no pardon. A file that is damaged or cannot be written bars nobody after a restart, and is no error: each wrong block is
 * found anyway.
 */
import { publicKeyFromPeerId } from '../identity/peer-id.ts'
import type { Disk } from '../store/disk.ts'
import type { Clock } from '../util/seams.ts'
import { BARRED_LIMITS as LIMITS } from './limits.ts'

export interface BarredPeersInit {
  readonly file: string
  readonly disk: Pick<Disk, 'readStart' | 'replaceFile'>
  readonly clock: Pick<Clock, 'now'>
}

/** Who asks whether a peer is barred, and tells of those that lied. */
export interface Barred {
  isBarred: (peerId: string) => boolean
  bar: (peerId: string) => void
}

const VERSION = 1

export class BarredPeers implements Barred {
  readonly #init: BarredPeersInit
  /** Until when, in milliseconds since 1970; in the order in which they were barred. */
  readonly #untilMs = new Map<string, number>()
  #saving: Promise<void> = Promise.resolve()
  /** A write was planned and has not begun. */
  #isWaiting = false

  constructor(init: BarredPeersInit) {
    this.#init = init
  }

  /** To be awaited before anybody is asked or answered. Does not reject. */
  async load(): Promise<void> {
    const { file, disk } = this.#init
    const bytes = await disk.readStart(file, LIMITS.maxFileBytes).catch(() => undefined)
    const known = bytes === undefined ? [] : decodeBarred(bytes)
    for (const { peerId, untilMs } of known) this.#add(peerId, untilMs)
  }

  isBarred(peerId: string): boolean {
    const untilMs = this.#untilMs.get(peerId)
    if (untilMs === undefined) return false
    const leftMs = untilMs - this.#init.clock.now()
    // Nor for longer than anybody is barred: the clock was wrong then.
    if (leftMs > 0 && leftMs <= LIMITS.barredMs) return true
    this.#untilMs.delete(peerId)
    return false
  }

  /** Bars a peer from now on. Written at once: a program that is killed a moment later remembers it. */
  bar(peerId: string): void {
    this.#untilMs.delete(peerId)
    this.#add(peerId, this.#init.clock.now() + LIMITS.barredMs)
    // One write for all that are noted before it begins.
    if (this.#isWaiting) return
    this.#isWaiting = true
    this.#saving = this.#saving.then(() => this.#save()).catch(() => {})
  }

  /** Resolves when what is known was written. */
  async close(): Promise<void> {
    await this.#saving
  }

  async #save(): Promise<void> {
    this.#isWaiting = false
    await this.#init.disk.replaceFile(this.#init.file, this.#encode())
  }

  #add(peerId: string, untilMs: number): void {
    this.#untilMs.set(peerId, untilMs)
    if (this.#untilMs.size <= LIMITS.maxPeers) return
    for (const oldest of this.#untilMs.keys()) {
      this.#untilMs.delete(oldest)
      return
    }
  }

  #encode(): Uint8Array {
    const peers = [...this.#untilMs].map(([peerId, untilMs]) => ({ peerId, untilMs }))
    return Buffer.from(`${JSON.stringify({ version: VERSION, peers }, undefined, 1)}\n`)
  }
}

interface BarredPeer {
  readonly peerId: string
  readonly untilMs: number
}

/** What is well-formed in a file; nothing of one that is not of this version. */
function decodeBarred(bytes: Uint8Array): BarredPeer[] {
  try {
    const { version, peers } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Record<string, unknown>
    if (version !== VERSION || !Array.isArray(peers)) return []
    return peers.slice(-LIMITS.maxPeers).filter(isBarredPeer)
  } catch {
    return []
  }
}

function isBarredPeer(item: unknown): item is BarredPeer {
  const { peerId, untilMs } = (item ?? {}) as Record<string, unknown>
  return (
    typeof peerId === 'string' &&
    publicKeyFromPeerId(peerId) !== undefined &&
    typeof untilMs === 'number' &&
    Number.isSafeInteger(untilMs)
  )
}
