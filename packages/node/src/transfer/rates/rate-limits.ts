/**
 * The limits of speed of a node: one each way for all transfers, and one each way for each content. What counts is every
 * byte of the streams of transfer; connections, handshakes below them and finding each other do not.
 */
import { MAX_BLOCK_BYTES } from '../../content/limits.ts'
import type { Channel } from '../../network/channel.ts'
import { RateLimiter } from '../../util/rate-limiter.ts'
import type { Seams } from '../../util/seams.ts'
import type { Allowance } from './allowance.ts'
import { AskQueue } from './ask-queue.ts'
import { LimitedChannel } from './limited-channel.ts'
import { USUAL_WEIGHT, type Weight } from './priority.ts'
import { TurnQueue } from './turn-queue.ts'

/** How far asking may run ahead of the limit: the next block is asked for before the last one is here. */
const ASK_AHEAD_MS = 1_000
const LEAST_ASKED_BYTES = MAX_BLOCK_BYTES

/** Bytes per second each way; 0 = no limit. */
export interface Limits {
  /** What is sent. */
  readonly up: number
  /** What is received. */
  readonly down: number
}

/** What one piece of work wants of the limits of its content. A way that it does not use is absent. */
export interface WorkLimits {
  /** Bytes per second; 0 = none. */
  readonly up?: number | undefined
  readonly down?: number | undefined
  /** Its part of what comes where that is not enough for all. @defaultValue as of everything */
  readonly weight?: Weight | undefined
}

/** A limit that holds a content up. */
export interface HoldUp {
  /** Bytes per second. */
  readonly limit: number
  /** Whether it is one of the content's own, and not that of all. */
  readonly isOwn: boolean
}

/** The limits of one content, for who carries it. */
export interface ContentLimits {
  readonly up: RateLimiter
  readonly down: RateLimiter
  /** Of what is received. */
  readonly weight: Weight
  /** To be called once when it is carried no longer. */
  readonly release: () => void
}

interface Content {
  readonly up: RateLimiter
  readonly down: RateLimiter
  readonly ask: RateLimiter
  readonly works: Set<WorkLimits>
  readonly weight: Weight
  users: number
}

export class RateLimits {
  readonly #seams: Seams
  readonly #up: TurnQueue
  readonly #down: TurnQueue
  readonly #ask: RateLimiter
  readonly #asking: AskQueue
  readonly #held = { bytes: 0 }
  readonly #contents = new Map<string, Content>()

  constructor(seams: Seams, limits: Partial<Limits> = {}) {
    const { clock } = seams
    this.#seams = seams
    this.#up = new TurnQueue(seams, new RateLimiter(clock, limits.up))
    this.#down = new TurnQueue(seams, new RateLimiter(clock, limits.down))
    this.#ask = new RateLimiter(clock, limits.down, ASK_AHEAD_MS, LEAST_ASKED_BYTES)
    this.#asking = new AskQueue(seams, this.#ask)
  }

  /** The limits of all transfers together. */
  get current(): Limits {
    return { up: this.#up.common.bytesPerSecond, down: this.#down.common.bytesPerSecond }
  }

  /** Sets limits of all transfers together, also of those that run; one that is not given stays. */
  set({ up, down }: Partial<Limits>): void {
    if (up !== undefined) this.#up.common.set(up)
    if (down !== undefined) {
      this.#down.common.set(down)
      this.#ask.set(down)
    }
    this.#changed()
  }

  /** The channel, under these limits. */
  limit(channel: Channel): Channel {
    return new LimitedChannel({
      channel,
      up: this.#up,
      down: this.#down,
      limitsOf: (root) => this.#use(root),
      held: this.#held,
    })
  }

  /**
   * Limits what is done for one content. Where several works move it the same way the widest limit holds, since each is
   * entitled to its own.
   *
   * @param root its text
   * @returns how to end that
   */
  add(root: string, work: WorkLimits): () => void {
    const content = this.#contentOf(root)
    content.users++
    content.works.add(work)
    this.#apply(content)
    return () => {
      if (!content.works.delete(work)) return
      this.#apply(content)
      this.#leave(root, content)
    }
  }

  /** How much of a content may be asked for, while a work for it is added. */
  allowance(root: string, weight: Weight = USUAL_WEIGHT): Allowance {
    return this.#asking.claim(this.#contentOf(root).ask, weight)
  }

  /** What keeps a content from coming faster, if that is a limit: of two the narrower. */
  holdUp(root: string): HoldUp | undefined {
    const content = this.#contents.get(root)
    if (content === undefined) return undefined
    if (!this.#asking.isHeldUp(content.ask) && !this.#down.isHeldUp(content.down)) return undefined
    const [own, all] = [content.down.bytesPerSecond, this.current.down]
    return own > 0 && (all === 0 || own <= all) ? { limit: own, isOwn: true } : { limit: all, isOwn: false }
  }

  #use(root: string): ContentLimits {
    const content = this.#contentOf(root)
    content.users++
    const { up, down, weight } = content
    return { up, down, weight, release: () => this.#leave(root, content) }
  }

  #leave(root: string, content: Content): void {
    if (--content.users === 0) this.#contents.delete(root)
  }

  #contentOf(root: string): Content {
    let content = this.#contents.get(root)
    if (content === undefined) {
      const { clock } = this.#seams
      const works = new Set<WorkLimits>()
      content = {
        up: new RateLimiter(clock),
        down: new RateLimiter(clock),
        ask: new RateLimiter(clock, 0, ASK_AHEAD_MS, LEAST_ASKED_BYTES),
        works,
        weight: () => heaviest(works),
        users: 0,
      }
      this.#contents.set(root, content)
    }
    return content
  }

  #apply({ up, down, ask, works }: Content): void {
    up.set(widest([...works].map((work) => work.up)))
    down.set(widest([...works].map((work) => work.down)))
    ask.set(down.bytesPerSecond)
    this.#changed()
  }

  #changed(): void {
    this.#up.changed()
    this.#down.changed()
    this.#asking.changed()
  }
}

function widest(limits: readonly (number | undefined)[]): number {
  const given = limits.filter((limit) => limit !== undefined)
  return given.length === 0 || given.includes(0) ? 0 : Math.max(...given)
}

/** Each is entitled to its own part, and they share what comes. */
function heaviest(works: ReadonlySet<WorkLimits>): number {
  let most = 0
  for (const { weight } of works) if (weight !== undefined) most = Math.max(most, weight())
  return most > 0 ? most : USUAL_WEIGHT()
}
