/**
 * Who gets what is served of one root, as far as this node knows: what it sent to each device, and what each says it has.
 * What a device claims is only shown, and only of blocks that exist. Who had everything before it was sent anything is no
 * receiver.
 */
import type { Receiver, ReceiversEvent } from '../../events.ts'
import { Bitmap } from '../../store/bitmap.ts'
import { countWithoutPadding, type BlockKinds } from '../../store/content-source.ts'
import { RateMeter } from '../../util/rate.ts'
import type { Clock } from '../../util/seams.ts'
import { MAX_COUNTED_PEERS, MAX_NAMED_RECEIVERS } from '../limits.ts'
import type { Message } from '../wire/messages.ts'
import type { Session } from '../wire/session.ts'
import type { PayloadSlot, SessionHandler } from '../wire/session-handler.ts'

/** How often a peer may tell of all blocks as bits in one session: each of few bytes is work for eight blocks. */
const MAX_TOLD_BITS = 4

export type ReceiversFacts = Omit<ReceiversEvent, 'type' | 'root'>

export interface ReceiversInit {
  readonly source: BlockKinds
  readonly clock: Clock
  readonly onChange: () => void
}

interface Device {
  readonly id: string
  /** Blocks that it has, padding left out; freed when it has all. */
  blocks: Bitmap | undefined
  readonly meter: RateMeter
  sent: number
  sessions: number
  /** Of the last session, and since when any is open, in milliseconds since 1970. */
  isDirect: boolean
  sinceMs: number
  /** It said that it has everything before it was sent anything. */
  isSource: boolean
}

export class Receivers {
  readonly #init: ReceiversInit
  /** Who was connected and got something last stands last. */
  readonly #devices = new Map<string, Device>()
  /** Who is named, in the order in which they began. */
  readonly #named = new Set<Device>()
  #needed: number | undefined
  #finished = 0
  /** When a device that has everything left last, in milliseconds since 1970. */
  #copyLeftMs: number | null = null

  constructor(init: ReceiversInit) {
    this.#init = init
  }

  /** Follows a session for as long as it is open. */
  follow(session: Session): void {
    const device = this.#deviceOf(session.remoteName)
    if (device === undefined) return
    if (device.sessions++ === 0) device.sinceMs = this.#init.clock.now()
    device.isDirect = session.isDirect
    session.attach(
      new Claims({
        total: this.#init.source.total,
        onAll: () => this.#hasAll(device),
        onBlock: (block) => this.#add(device, block),
        onTold: () => this.#init.onChange(),
        onEnd: () => {
          device.sessions--
          if (device.sessions > 0) return
          if (device.blocks === undefined) this.#copyLeftMs = this.#init.clock.now()
          this.#named.delete(device)
          this.#init.onChange()
        },
      }),
    )
  }

  /** A block was sent to a device that is followed. */
  sent(peer: string, block: number, bytes: number): void {
    const device = this.#devices.get(peer)
    if (device === undefined) return
    device.sent += bytes
    this.#add(device, block)
    this.#init.onChange()
  }

  facts(): ReceiversFacts {
    let downloading = 0
    let connected = 0
    for (const device of this.#devices.values()) {
      if (isDownloading(device)) downloading++
      if (device.sessions > 0 && device.blocks === undefined) connected++
    }
    const active = [...this.#named].map(({ id, blocks, sent, meter, isDirect, sinceMs }): Receiver => {
      const has = { blocks: blocks?.size ?? this.#blocks, sent, rate: meter.rate(sent) }
      return { id, ...has, name: null, direct: isDirect, since: sinceMs }
    })
    const otherCopies = { connected, lastSeen: this.#copyLeftMs }
    return { blocks: this.#blocks, downloading, finished: this.#finished, active, otherCopies }
  }

  /** Undefined where as many as are followed are connected. */
  #deviceOf(id: string): Device | undefined {
    const known = this.#devices.get(id)
    if (known !== undefined) return known
    for (const [key, { sessions }] of this.#devices) {
      if (this.#devices.size < MAX_COUNTED_PEERS) break
      if (sessions === 0) this.#devices.delete(key)
    }
    if (this.#devices.size >= MAX_COUNTED_PEERS) return undefined
    const device = {
      id,
      blocks: new Bitmap(this.#init.source.total),
      meter: new RateMeter(this.#init.clock),
      sent: 0,
      sessions: 0,
      isDirect: true,
      sinceMs: 0,
      isSource: false,
    }
    this.#devices.set(id, device)
    return device
  }

  #hasAll(device: Device): void {
    if (device.blocks === undefined) return
    if (device.blocks.size === 0) device.isSource = true
    this.#complete(device)
  }

  #add(device: Device, block: number): void {
    const { blocks } = device
    if (blocks === undefined || this.#init.source.isPadding?.(block) === true) return
    blocks.add(block)
    if (blocks.size >= this.#blocks) this.#complete(device)
    else if (device.sessions > 0 && this.#named.size < MAX_NAMED_RECEIVERS) this.#named.add(device)
  }

  #complete(device: Device): void {
    device.blocks = undefined
    this.#named.delete(device)
    if (!device.isSource) this.#finished++
  }

  /** Blocks without padding. Counted when it is first asked for: a share may have a million, and never a receiver. */
  get #blocks(): number {
    this.#needed ??= countWithoutPadding(this.#init.source)
    return this.#needed
  }
}

function isDownloading({ sessions, blocks }: Device): boolean {
  return sessions > 0 && blocks !== undefined && blocks.size > 0
}

interface ClaimsInit {
  readonly total: number
  readonly onAll: () => void
  readonly onBlock: (block: number) => void
  /** Told after each message. */
  readonly onTold: () => void
  readonly onEnd: () => void
}

/** Listens to what a peer says that it has. Of blocks that do not exist nothing is said: it is only to be shown. */
class Claims implements SessionHandler {
  readonly #init: ClaimsInit
  #bitsLeft: number

  constructor(init: ClaimsInit) {
    this.#init = init
    this.#bitsLeft = init.total * MAX_TOLD_BITS
  }

  payloadFor(message: Message): PayloadSlot | undefined {
    if (message.t !== 'have' || !('n' in message) || this.#bitsLeft <= 0) return undefined
    return {
      buffer: new Uint8Array(message.n),
      deliver: (bits) => this.#addBits(message.from, bits),
    }
  }

  onMessage(message: Message): void {
    if (message.t !== 'have') return
    const { total, onAll, onBlock, onTold } = this.#init
    if ('all' in message) {
      if (message.total === total) onAll()
    } else if ('i' in message) {
      for (const block of message.i) if (block < total) onBlock(block)
    }
    onTold()
  }

  onEnd(): void {
    this.#init.onEnd()
  }

  #addBits(from: number, bits: Uint8Array): void {
    const { total, onBlock, onTold } = this.#init
    const count = Math.min(bits.byteLength * 8, total - from)
    this.#bitsLeft -= count
    for (let at = 0; at < count; at++) {
      if (((bits[at >>> 3] as number) & (0x80 >>> (at & 7))) !== 0) onBlock(from + at)
    }
    onTold()
  }
}
