/**
 * A node of a simulated swarm: the real scheduler, which asks other nodes over links. A node sends one block after the
 * other, in turn to all who asked, at its upload rate; what comes in shares its download rate.
 */
import { Availability } from '../../../src/transfer/wire/availability.ts'
import { SEND_ORDER, TRANSFER_LIMITS, type TransferLimits } from '../../../src/transfer/limits.ts'
import type { BlockHandler } from '../../../src/transfer/wire/requester.ts'
import type { Contender } from '../../../src/transfer/serving/contender.ts'
import { Scheduler } from '../../../src/transfer/scheduling/scheduler.ts'
import { SendOrder } from '../../../src/transfer/serving/send-order.ts'
import type { BlockProvider } from '../../../src/transfer/scheduling/swarm-peer.ts'
import type { VirtualTime } from './virtual-time.ts'

/** How long what is new waits to be told, so that much of it is told together. */
const HAVE_DELAY_MS = 100

export interface NodeFacts {
  readonly name: string
  /** Bytes per millisecond, which is about kB/s. */
  readonly up: number
  readonly down: number
  readonly latencyMs: number
  /** Gives wrong blocks, this part of them. */
  readonly lies?: number
  /** Takes and does not give. */
  readonly isFreeRider?: boolean
  /** Stops to send for ever after so many blocks. */
  readonly stallsAfter?: number
  /** Says of this part of the blocks that they were changed. */
  readonly refuses?: number
}

export interface Content {
  readonly blocks: number
  readonly blockBytes: number
}

/** The first byte of a block that is wrong; of one that is right it is 0. */
const WRONG = 1

export class SwarmNode {
  readonly facts: NodeFacts
  readonly content: Content
  readonly world: VirtualTime
  readonly held: Uint8Array
  heldCount = 0
  isHere = false
  /** Blocks sent, good or bad. */
  sent = 0
  finishedAtMs: number | undefined
  scheduler: Scheduler | undefined
  /** How often each block was brought to the sink. */
  readonly accepted: Uint8Array
  /** Wrong blocks that came. */
  wrong = 0
  readonly liars = new Set<string>()
  mostOwedBytes = 0
  owedBytes = 0
  failure: Error | undefined
  /** Where others ask this one. */
  readonly incoming = new Set<Link>()
  /** Where this one asks others. */
  readonly outgoing = new Set<Link>()
  readonly #order: SendOrder
  readonly #contenders = new Map<Link, Contender>()
  readonly #links = new Map<SwarmNode, Link>()
  #turn: Link[] = []
  #isHeld = false
  #isSending = false
  rxFreeAtMs = 0
  #news: number[] = []

  constructor(world: VirtualTime, content: Content, facts: NodeFacts, isSeeder = false) {
    this.world = world
    this.content = content
    this.facts = facts
    this.held = new Uint8Array(content.blocks).fill(isSeeder ? 1 : 0)
    this.heldCount = isSeeder ? content.blocks : 0
    this.accepted = new Uint8Array(content.blocks)
    this.#order = new SendOrder(world.seams)
  }

  get isWhole(): boolean {
    return this.heldCount === this.content.blocks
  }

  /** Begins to fetch what is not here. */
  start(limits: TransferLimits = TRANSFER_LIMITS): void {
    const { content, world } = this
    const scheduler = new Scheduler({
      needed: Array.from({ length: content.blocks }, (_, i) => i).filter((i) => this.held[i] === 0),
      order: 'rarest',
      total: content.blocks,
      limits,
      seams: world.seams,
      onVerified: (block) => this.#gained(block),
      onLiar: (peer) => this.liars.add(peer),
      sink: {
        lengthOf: () => content.blockBytes,
        sizeOf: () => content.blockBytes,
        accept: async (block, bytes) => {
          world.needsTurn()
          if (bytes[0] === WRONG) {
            this.wrong++
            return false
          }
          this.accepted[block] = (this.accepted[block] as number) + 1
          return true
        },
      },
    })
    this.scheduler = scheduler
    scheduler.done.then(
      () => (this.finishedAtMs = world.nowMs),
      (error: unknown) => (this.failure ??= error as Error),
    )
  }

  /** Asks `other`, if there is something to fetch. */
  connect(other: SwarmNode): void {
    if (this.scheduler === undefined || this.scheduler.isFinished) return
    new Link(this, other).open(this.scheduler)
  }

  /** Goes; all its connections break. */
  leave(): void {
    this.isHere = false
    for (const link of [...this.incoming, ...this.outgoing]) link.end(new Error('gone'))
    this.#turn = []
  }

  asked(link: Link): void {
    if (!this.#turn.includes(link)) this.#turn.push(link)
    this.#send()
  }

  /** One who asks here says that it has blocks. */
  heard(from: SwarmNode, blocks: readonly number[]): void {
    const link = this.#links.get(from)
    const contender = link === undefined ? undefined : this.#contenders.get(link)
    if (contender === undefined) return
    this.#order.has(contender, blocks)
    this.#send()
  }

  entered(link: Link): void {
    this.#links.set(link.asker, link)
    this.#contenders.set(link, this.#order.enter())
  }

  /** Something that was asked for was taken back. */
  withdrawn(link: Link): void {
    if (link.queue.length === 0) this.#contenders.get(link)?.withdraws()
    this.#send()
  }

  left(link: Link): void {
    const contender = this.#contenders.get(link)
    if (contender === undefined) return
    this.#contenders.delete(link)
    if (this.#links.get(link.asker) === link) this.#links.delete(link.asker)
    this.#order.leave(contender)
    this.#turn = this.#turn.filter((each) => each !== link)
  }

  /** Whose turn it is; those who have to wait for better ones are looked at again in a moment. */
  #next(): { link: Link; contender: Contender; block: number } | undefined {
    let soonestMs = Number.POSITIVE_INFINITY
    // Each has said what it waits for before one is chosen, as where each is served by itself.
    for (const link of this.#turn) {
      const contender = this.#contenders.get(link)
      if (contender === undefined || link.queue.length === 0 || contender.isWaiting) continue
      this.#order.heldUntil(contender, link.queue[this.#best(link)] as number)
    }
    for (const [i, link] of this.#turn.entries()) {
      const contender = this.#contenders.get(link)
      if (contender === undefined || link.queue.length === 0) continue
      const at = this.#best(link)
      const block = link.queue[at] as number
      const untilMs = this.#order.heldUntil(contender, block)
      if (untilMs === undefined) {
        link.queue.splice(at, 1)
        this.#turn.splice(i, 1)
        return { link, contender, block }
      }
      soonestMs = Math.min(soonestMs, untilMs)
    }
    if (soonestMs < Number.POSITIVE_INFINITY && !this.#isHeld) {
      this.#isHeld = true
      this.world.at(soonestMs, () => {
        this.#isHeld = false
        this.#send()
      })
    }
    return undefined
  }

  #best(link: Link): number {
    return this.#order.best(link.queue.slice(0, SEND_ORDER.mostCompared))
  }

  #send(): void {
    if (this.#isSending || this.sent >= (this.facts.stallsAfter ?? Number.POSITIVE_INFINITY)) return
    const next = this.#next()
    if (next === undefined) return
    const { link, contender, block } = next
    if (link.queue.length > 0) this.#turn.push(link)
    if (this.world.float() < (this.facts.refuses ?? 0)) {
      link.refuse(block)
      this.#send()
      return
    }
    const { blockBytes } = this.content
    const startMs = this.world.nowMs
    const to = link.asker
    this.#isSending = true
    this.#order.began(contender, block)
    to.rxFreeAtMs = Math.max(to.rxFreeAtMs, startMs) + blockBytes / to.facts.down
    const hereAtMs = to.rxFreeAtMs
    const sentAtMs = startMs + blockBytes / this.facts.up
    const isLie = this.world.float() < (this.facts.lies ?? 0)
    this.world.at(sentAtMs, () => {
      this.#isSending = false
      this.sent++
      this.#order.ended(contender, block)
      this.#send()
    })
    this.world.at(startMs + link.latencyMs, () => link.begin(block))
    this.world.at(Math.max(sentAtMs, hereAtMs) + link.latencyMs, () => link.deliver(block, isLie))
  }

  #gained(block: number): void {
    this.held[block] = 1
    this.heldCount++
    if (this.facts.isFreeRider === true) return
    if (this.#news.length === 0) this.world.at(this.world.nowMs + HAVE_DELAY_MS, () => this.#tell())
    this.#news.push(block)
  }

  #tell(): void {
    const news = this.#news
    this.#news = []
    for (const link of this.incoming) {
      this.world.at(this.world.nowMs + link.latencyMs, () => {
        link.hear(news)
        link.asker.heard(this, news)
      })
    }
    for (const { giver, latencyMs } of this.outgoing) {
      if (giver.isWhole) this.world.at(this.world.nowMs + latencyMs, () => giver.heard(this, news))
    }
  }
}

/** One node asks another. */
export class Link implements BlockProvider {
  readonly asker: SwarmNode
  readonly giver: SwarmNode
  readonly availability: Availability
  readonly latencyMs: number
  /** Asked of the giver, and not begun. */
  readonly queue: number[] = []
  /** What the asker wants and did not get. */
  readonly wanted = new Set<number>()
  isEnded = false
  /** Memory of what is on its way. */
  readonly #coming = new Map<number, Uint8Array>()
  #handler: BlockHandler | undefined

  constructor(asker: SwarmNode, giver: SwarmNode) {
    this.asker = asker
    this.giver = giver
    this.availability = new Availability()
    this.latencyMs = (asker.facts.latencyMs + giver.facts.latencyMs) / 2
  }

  get session(): BlockProvider['session'] {
    return {
      isEnded: this.isEnded,
      remoteName: this.giver.facts.name,
      fail: (error) => this.end(error),
    }
  }

  open(scheduler: Scheduler): void {
    this.asker.outgoing.add(this)
    this.giver.incoming.add(this)
    this.giver.entered(this)
    const { held, isWhole, facts } = this.giver
    if (facts.isFreeRider !== true) {
      const blocks = [...held.keys()].filter((block) => held[block] === 1)
      this.#later(() => {
        if (isWhole) this.availability.addAll(held.length)
        else this.#add(blocks)
        this.#handler?.onHave?.()
      })
    }
    void scheduler.addPeer(this)
  }

  deliverTo(handler: BlockHandler): void {
    this.#handler = handler
  }

  limitTo(total: number): void {
    this.availability.limitTo(total)
  }

  want(blocks: readonly number[]): void {
    if (blocks.length === 0) return
    for (const block of blocks) {
      if (!this.availability.has(block)) throw new Error(`asked for block ${block}, which is not there`)
      if (this.wanted.has(block)) throw new Error(`asked twice at once for block ${block}`)
      this.wanted.add(block)
    }
    this.#owe(blocks.length)
    this.#later(() => {
      this.queue.push(...blocks)
      this.giver.asked(this)
    })
  }

  cancel(blocks: readonly number[]): void {
    let count = 0
    for (const block of blocks) if (this.wanted.delete(block)) count++
    this.#owe(-count)
    const cancelled = new Set(blocks)
    this.#later(() => {
      const left = this.queue.filter((block) => !cancelled.has(block))
      this.queue.splice(0, this.queue.length, ...left)
      this.giver.withdrawn(this)
    })
  }

  hear(blocks: readonly number[]): void {
    if (this.isEnded) return
    this.#add(blocks)
    this.#handler?.onHave?.()
  }

  /** The header of a block arrives. */
  begin(block: number): void {
    if (this.isEnded) return
    const bytes = this.#handler?.bufferFor(block, this.asker.content.blockBytes)
    if (bytes !== undefined) this.#coming.set(block, bytes)
  }

  deliver(block: number, isWrong: boolean): void {
    if (this.isEnded) return
    if (this.wanted.delete(block)) this.#owe(-1)
    const bytes = this.#coming.get(block) ?? new Uint8Array(this.asker.content.blockBytes)
    this.#coming.delete(block)
    bytes[0] = isWrong ? WRONG : 0
    this.asker.world.needsTurn()
    this.#handler?.onBlock(block, bytes)
  }

  refuse(block: number): void {
    this.#later(() => {
      if (!this.wanted.delete(block)) return
      this.#owe(-1)
      this.#handler?.onNo(block, 'changed', 0)
    })
  }

  end(error: Error): void {
    if (this.isEnded) return
    this.isEnded = true
    this.#owe(-this.wanted.size)
    this.asker.outgoing.delete(this)
    this.giver.incoming.delete(this)
    this.giver.left(this)
    this.#handler?.onEnd(error)
  }

  #add(blocks: readonly number[]): void {
    this.availability.addBlocks(blocks, (block) => this.#handler?.onNewBlock?.(block))
  }

  #owe(blocks: number): void {
    const { asker } = this
    asker.owedBytes += blocks * asker.content.blockBytes
    asker.mostOwedBytes = Math.max(asker.mostOwedBytes, asker.owedBytes)
  }

  #later(run: () => void): void {
    const { world } = this.asker
    world.at(world.nowMs + this.latencyMs, () => {
      if (!this.isEnded) run()
    })
  }
}
