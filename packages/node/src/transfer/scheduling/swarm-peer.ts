/** One peer as the scheduler sees it: what it has, what it was asked for, and what it refused. */
import { MAX_BLOCKS } from '../constants.ts'
import { AskedBlocks, type AskedBlock } from './asked-blocks.ts'
import type { Availability } from '../wire/availability.ts'
import type { PickerPeer } from './block-picker.ts'
import type { NoReason } from '../wire/messages.ts'
import { PagedBits } from '../wire/paged-bits.ts'
import { PeerWindow } from './peer-window.ts'
import type { Requester } from '../wire/requester.ts'
import type { Session } from '../wire/session.ts'

/** What the scheduler needs of a `Requester`. */
export type BlockProvider = Pick<Requester, 'want' | 'cancel' | 'deliverTo' | 'limitTo'> & {
  readonly availability: Pick<Availability, 'hasAll' | 'has' | 'hasNamed' | 'named'>
  readonly session: Pick<Session, 'isEnded' | 'remoteName' | 'fail'> & Partial<Pick<Session, 'isOwn'>>
  /** Counted here where it is to be told. */
  verifiedBytes?: number
}

export class SwarmPeer implements PickerPeer {
  readonly provider: BlockProvider
  readonly window = new PeerWindow()
  readonly left = Promise.withResolvers<Error | undefined>()
  readonly asked = new AskedBlocks()
  /** Blocks asked of this peer and not yet verified and written, and their bytes. */
  owedBlocks = 0
  owedBytes = 0
  /** It said that it has everything, and the picker knows. */
  wasWhole = false
  /** It gave a block that was right. */
  isProven = false
  /** Not asked before this, in monotonic milliseconds: it said that it is busy. */
  pausedUntilMs = 0
  /** How long it is left alone when it is late again, in milliseconds. */
  benchMs = 0
  /** Why it refused something for good. */
  refusal: Exclude<NoReason, 'busy'> | undefined
  /** When it was last of use or had something new, in monotonic milliseconds. */
  usefulAtMs: number
  #refused: PagedBits | undefined

  constructor(provider: BlockProvider, nowMs: number) {
    this.provider = provider
    this.usefulAtMs = nowMs
  }

  get hasAll(): boolean {
    return this.provider.availability.hasAll
  }

  get isOwn(): boolean {
    return this.provider.session.isOwn === true
  }

  canGive(block: number): boolean {
    return this.provider.availability.has(block) && this.#refused?.has(block) !== true
  }

  hasNamed(block: number): boolean {
    return this.provider.availability.hasNamed(block)
  }

  named(): Iterable<number> {
    return this.provider.availability.named()
  }

  /** The block that is awaited from it next, as far as one can tell. */
  get next(): AskedBlock | undefined {
    return this.asked.first
  }

  /** It owes something and gives it much later than it should. */
  isLate(nowMs: number): boolean {
    const { next } = this
    return next !== undefined && this.window.isLate(next.size, nowMs)
  }

  /** A block of it was right. */
  gave(bytes: number): void {
    const { provider } = this
    this.isProven = true
    this.benchMs = 0
    if (provider.verifiedBytes !== undefined) provider.verifiedBytes += bytes
  }

  refuse(block: number, why: Exclude<NoReason, 'busy'>): void {
    this.refusal = why
    // What it may refuse was asked of it, and is in the plan: no more than the plan itself can grow it.
    this.#refused ??= new PagedBits(MAX_BLOCKS / 8)
    this.#refused.add(block)
  }
}
