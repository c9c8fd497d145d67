/**
 * Members of one space in virtual time: what each sends arrives late, later, in order, or not at all; members are stopped without a
 * word, restarted, frozen and cut off from each other. What is kept of it are times of verdicts and bytes.
 */
import { createHash, hash } from 'node:crypto'
import type { Presence } from '../../../../src/spaces/membership/presence.ts'
import { SpaceMembership } from '../../../../src/spaces/membership/space-membership.ts'
import type { Hex } from '../../../../src/spaces/auth/action.ts'
import { FRAME_OVERHEAD_BYTES, MAX_STATEMENTS } from '../../../../src/spaces/membership/limits.ts'
import { encodeMessage } from '../../../../src/spaces/membership/message.ts'
import { decodeStatement, frameOf, messageOf } from '../../../../src/spaces/membership/statement.ts'
import type { Seams } from '../../../../src/util/seams.ts'
import { VirtualTime } from '../../../transfer/simulation/virtual-time.ts'

export interface WorldFacts {
  readonly seed: number
  readonly members: number
  /** Part of the packets that TCP sends again: 0.2 to 3 s later, and with them all that follows on the stream. */
  readonly late: number
}

const EPOCH_MS = 1_700_000_000_000
const SPACE = new Uint8Array(32).fill(7)
/** What stands before the body in what is signed. */
const SIGNED_HEAD_BYTES = messageOf(SPACE, new Uint8Array()).byteLength
/** Members that one knows when it starts. */
const KNOWN = 5
/** What a stopped member's verdict is counted as when it never comes. */
const NEVER_MS = 120_000
/** A verdict on who is back for less than this is one on who was away. */
const BACK_MS = 20_000
const AFTER_FREEZE_MS = 60_000

export class World {
  readonly time: VirtualTime
  readonly facts: WorldFacts
  readonly nodes: SimulatedMember[] = []
  readonly byKey = new Map<Hex, SimulatedMember>()
  /** How long after a stop each member that saw it online found it offline, in milliseconds. */
  readonly verdictsMs: number[] = []
  falseVerdicts = 0
  /** Members cut off from the others: messages between the groups are lost. */
  group: (node: SimulatedMember) => number = () => 0
  readonly #arrivals = new Map<number, number>()
  readonly #trace = createHash('sha256')

  constructor(facts: WorldFacts) {
    this.facts = facts
    this.time = new VirtualTime(facts.seed)
    for (let index = 0; index < facts.members; index++) {
      const node = new SimulatedMember(this, index)
      this.nodes.push(node)
      this.byKey.set(node.key, node)
    }
  }

  get members(): ReadonlySet<Hex> {
    return new Set(this.byKey.keys())
  }

  get trace(): string {
    return this.#trace.copy().digest('hex')
  }

  note(...facts: (string | number)[]): void {
    this.#trace.update(`${this.time.nowMs} ${facts.join(' ')}\n`)
  }

  startAll(withinMs: number): void {
    for (const node of this.nodes) this.time.at(this.time.float() * withinMs, () => node.start())
  }

  /**
   * Everybody hears of everybody who is there: the beginning of a space that has been there for long. To learn that from nothing
   * would take all at once two minutes and more, by what each may send.
   */
  acquaint(): void {
    for (let at = 0; at < this.nodes.length; at += MAX_STATEMENTS) {
      const some = this.nodes.slice(at, at + MAX_STATEMENTS)
      const told = some.map((node) => node.beacon).filter((frame) => frame !== undefined)
      const bytes = encodeMessage({ type: 'told', isAnswer: false, told })
      for (const node of this.nodes) if (node !== some[0]) node.take(some[0] as SimulatedMember, bytes)
    }
  }

  async pass(ms: number): Promise<void> {
    let isOver = false
    this.time.at(this.time.nowMs + ms, () => void (isOver = true))
    await this.time.run(() => isOver, Number.POSITIVE_INFINITY)
  }

  pick(): SimulatedMember {
    return this.nodes[Math.floor(this.time.float() * this.nodes.length)] as SimulatedMember
  }

  carry(from: SimulatedMember, to: SimulatedMember, bytes: Uint8Array): void {
    from.sentBytes += bytes.byteLength + FRAME_OVERHEAD_BYTES
    const lateMs = this.time.float() < this.facts.late ? 200 + 2_800 * this.time.float() : 0
    const delayMs = 10 + 90 * this.time.float() + lateMs
    const stream = from.index * this.facts.members + to.index
    // What follows on a stream waits for what is late.
    const atMs = Math.max(this.#arrivals.get(stream) ?? 0, this.time.nowMs + delayMs)
    this.#arrivals.set(stream, atMs)
    this.time.at(atMs, () => {
      if (this.group(from) === this.group(to)) to.take(from, bytes)
    })
  }

  judged(observer: SimulatedMember, { member, state }: Presence): void {
    this.note('saw', observer.index, member.slice(0, 8), state)
    const subject = this.byKey.get(member)
    if (subject === undefined || state === 'online') return
    if (subject.waiting.delete(observer)) this.verdictsMs.push(this.time.nowMs - subject.stoppedMs)
    const upMs = this.time.nowMs - subject.startedMs
    if (subject.isUp && !subject.isFrozen && upMs > BACK_MS && this.group(subject) === this.group(observer))
      this.falseVerdicts++
  }

  /** Counts for never those that never found a member offline. */
  settle(node: SimulatedMember): void {
    for (const observer of node.waiting) if (observer.isUp) this.verdictsMs.push(NEVER_MS)
    node.waiting.clear()
  }
}

export class SimulatedMember {
  readonly index: number
  readonly key: Hex
  readonly #world: World
  #membership: SpaceMembership | undefined
  isUp = false
  isFrozen = false
  startedMs = 0
  stoppedMs = 0
  upMs = 0
  sentBytes = 0
  receivedBytes = 0
  /** Of members that were there. */
  wrongAccusations = 0
  /** Of these, within a minute of being frozen. */
  accusationsAfterFreeze = 0
  #thawedMs = Number.NEGATIVE_INFINITY
  /** What it told of itself last. */
  beacon: Uint8Array | undefined
  /** Those who saw it online when it stopped, and still do. */
  readonly waiting = new Set<SimulatedMember>()
  #held: (() => void)[] = []

  constructor(world: World, index: number) {
    this.#world = world
    this.index = index
    this.key = hash('sha256', `${world.facts.seed} ${index}`)
  }

  get membership(): SpaceMembership | undefined {
    return this.#membership
  }

  get isThere(): boolean {
    return this.isUp && !this.isFrozen
  }

  sees(other: SimulatedMember): boolean {
    return this.online.has(other.key)
  }

  readonly online = new Set<Hex>()

  start(): void {
    const world = this.#world
    world.settle(this)
    this.isUp = true
    this.startedMs = world.time.nowMs
    this.online.clear()
    const membership: SpaceMembership = new SpaceMembership({
      space: SPACE,
      self: this.key,
      seams: this.#seams(() => this.#membership === membership),
      sign: (message, done) => {
        const signature = signed(this.key, message)
        const body = message.subarray(SIGNED_HEAD_BYTES)
        const statement = decodeStatement(frameOf(signature, body))
        if (statement.type === 'suspect') this.#accused(statement.member)
        if (statement.type === 'beacon') this.beacon = statement.frame
        done(signature)
      },
      verify: (member, message, signature) => Buffer.compare(signature, signed(member, message)) === 0,
      send: (member, bytes) => world.carry(this, world.byKey.get(member) as SimulatedMember, bytes),
      describe: () => ({
        peerKey: Buffer.from(this.key, 'hex'),
        addresses: [Uint8Array.of(4, 10, this.index >> 8, this.index & 255, 1, 6, 15, 161)],
        state: new Uint8Array(16),
        free: 3,
        servesAll: false,
        tags: [new Uint8Array(8), new Uint8Array(8)],
      }),
      loopDelayMs: () => 0,
      onPresence: (presence) => {
        if (presence.state === 'online') this.online.add(presence.member)
        else this.online.delete(presence.member)
        world.judged(this, presence)
      },
    })
    this.#membership = membership
    membership.setMembers(world.members)
    membership.start()
    for (let left = KNOWN; left > 0; left--) membership.met(world.pick().key)
  }

  /** Without a word. */
  stop(): void {
    if (!this.isUp) return
    const world = this.#world
    this.isUp = false
    this.#membership = undefined
    this.#held = []
    this.stoppedMs = world.time.nowMs
    this.upMs += this.stoppedMs - this.startedMs
    for (const other of world.nodes) {
      other.waiting.delete(this)
      if (other !== this && other.isThere && other.sees(this)) this.waiting.add(other)
    }
  }

  freeze(forMs: number): void {
    this.isFrozen = true
    this.#world.time.at(this.#world.time.nowMs + forMs, () => {
      this.isFrozen = false
      this.startedMs = this.#world.time.nowMs
      this.#thawedMs = this.startedMs
      const held = this.#held
      this.#held = []
      for (const run of held) run()
    })
  }

  #accused(member: Hex): void {
    const isWrong = this.#world.byKey.get(member)?.isThere === true
    if (isWrong) this.wrongAccusations++
    if (isWrong && this.#world.time.nowMs - this.#thawedMs < AFTER_FREEZE_MS) this.accusationsAfterFreeze++
  }

  /** Begins to count anew. */
  reset(): void {
    this.sentBytes = 0
    this.receivedBytes = 0
    this.wrongAccusations = 0
  }

  take(from: SimulatedMember, bytes: Uint8Array): void {
    const membership = this.#membership
    if (membership === undefined) return
    this.#orLater(() => {
      this.receivedBytes += bytes.byteLength + FRAME_OVERHEAD_BYTES
      this.#world.note(from.index, this.index, hash('sha256', bytes).slice(0, 16))
      membership.received(from.key, bytes)
    })
  }

  #orLater(run: () => void): void {
    if (this.isFrozen) this.#held.push(run)
    else run()
  }

  #seams(isCurrent: () => boolean): Seams {
    const { seams } = this.#world.time
    return {
      clock: { now: () => EPOCH_MS + seams.clock.now(), monotonic: () => seams.clock.monotonic() },
      random: seams.random,
      timers: {
        set: (callback, delayMs) =>
          seams.timers.set(() => this.#orLater(() => isCurrent() && callback()), delayMs),
        clear: (handle) => seams.timers.clear(handle),
      },
    }
  }
}

export function signed(member: Hex, message: Uint8Array): Uint8Array {
  const half = hash('sha256', Buffer.concat([Buffer.from(member), message]), 'buffer')
  return Buffer.concat([half, half])
}

export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}
