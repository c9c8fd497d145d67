/**
 * The addresses of the content port that are good now, each for one root and for a while. The link with its key is kept here and
 * nowhere else; what is handed out is 32 random bytes, looked up by their digest, so that how long it takes to find none says
 * nothing about those that there are (docs/adr/0037-content-port.md).
 */
import { createHash } from 'node:crypto'
import type { Seams } from '../../util/seams.ts'
import { CAPABILITY_IDLE_MS, CAPABILITY_MOST_MS, MAX_CAPABILITIES } from './limits.ts'

const SECRET_BYTES = 32

/** A file of a share, once it was found there. */
export interface KnownFile {
  /** As a listing names it. */
  readonly path: string
  /** Bytes. */
  readonly size: number
}

export interface Capability<T> {
  /** What is called by this name tells nobody the secret. */
  readonly id: string
  /** What it is good for. */
  readonly subject: T
  /** Files of the share, by the path that was asked for. */
  readonly files: Map<string, KnownFile>
  /** Aborts when it is taken back. */
  readonly revoked: AbortSignal
}

/** An address, as it is handed out. */
export interface MadeCapability {
  readonly id: string
  readonly secret: string
  /** Until when it is good unless it is used, in milliseconds since 1970. */
  readonly expires: number
}

interface Entry<T> extends Capability<T> {
  readonly endsMs: number
  usedMs: number
  readonly stop: AbortController
}

export class Capabilities<T> {
  readonly #seams: Pick<Seams, 'clock' | 'random'>
  /** Those that were used longest ago first. */
  readonly #entries = new Map<string, Entry<T>>()

  constructor(seams: Pick<Seams, 'clock' | 'random'>) {
    this.#seams = seams
  }

  make(subject: T): MadeCapability {
    const { clock, random } = this.#seams
    const nowMs = clock.monotonic()
    this.#forgetOld(nowMs)
    const [oldest] = this.#entries.values()
    if (oldest !== undefined && this.#entries.size >= MAX_CAPABILITIES) this.#end(oldest)
    const secret = Buffer.from(random.bytes(SECRET_BYTES)).toString('base64url')
    const id = idOf(secret)
    const stop = new AbortController()
    const endsMs = nowMs + CAPABILITY_MOST_MS
    this.#entries.set(id, {
      id,
      subject,
      files: new Map(),
      revoked: stop.signal,
      stop,
      usedMs: nowMs,
      endsMs,
    })
    return { id, secret, expires: clock.now() + CAPABILITY_IDLE_MS }
  }

  /** What a secret is good for. It stays so for a while longer. */
  find(secret: string): Capability<T> | undefined {
    const entry = this.#entries.get(idOf(secret))
    return entry !== undefined && this.use(entry) ? entry : undefined
  }

  /** Keeps what is in use. False: it is good no longer. */
  use({ id }: Capability<T>): boolean {
    const nowMs = this.#seams.clock.monotonic()
    this.#forgetOld(nowMs)
    const entry = this.#entries.get(id)
    if (entry === undefined) return false
    entry.usedMs = nowMs
    this.#entries.delete(id)
    this.#entries.set(id, entry)
    return true
  }

  /** Takes one back, and ends what is read by it. False: there is none by that name. */
  revoke(id: string): boolean {
    const entry = this.#entries.get(id)
    if (entry !== undefined) this.#end(entry)
    return entry !== undefined
  }

  revokeAll(): void {
    for (const entry of this.#entries.values()) this.#end(entry)
  }

  #forgetOld(nowMs: number): void {
    for (const entry of this.#entries.values()) {
      if (nowMs >= Math.min(entry.usedMs + CAPABILITY_IDLE_MS, entry.endsMs)) this.#end(entry)
    }
  }

  #end({ id, stop }: Entry<T>): void {
    this.#entries.delete(id)
    stop.abort()
  }
}

function idOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}
