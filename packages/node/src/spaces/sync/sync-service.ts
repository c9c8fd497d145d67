/**
 * Keeps the spaces of a home in step with other members: a session when a device connects, every few seconds with one chosen at random,
 * soon after a change here, and after the machine slept. Members are reached where they were met before, and found by the names of
 * the space. Nothing runs in a home without spaces.
 */
import { isShoalError } from '../../errors.ts'
import type { Channel } from '../../network/channel.ts'
import type { Host } from '../../network/host.ts'
import { withPeerId } from '../../network/libp2p-host.ts'
import type { Seams, TimerHandle } from '../../util/seams.ts'
import type { Hex } from '../auth/action.ts'
import type { CallName } from '../host/calls.ts'
import type { MetDevice } from '../storage/met-devices.ts'
import { Answering } from './answering.ts'
import { Faults } from './faults.ts'
import type { SyncCaller } from './handshake.ts'
import { HELLO_TAGS, LOOK_MS, SLEPT_MS, TELL_DELAY_MS, TELL_MEMBERS, WANTED_MEMBERS } from './limits.ts'
import { openSession, type SessionResult } from './session.ts'
import { SessionSlots } from './session-slots.ts'
import { SpaceState } from './space-state.ts'
import { Strangers } from './strangers.ts'

export const SYNC_PROTOCOL = '/shoal/space-sync/1'

export type SyncNetwork = Pick<
  Host,
  'peerId' | 'speak' | 'open' | 'dial' | 'connectedPeers' | 'peers' | 'addressesOf' | 'discovery'
>

export interface SyncServiceInit {
  readonly network: SyncNetwork
  readonly host: SyncCaller
  readonly seams: Seams
  /** A peer that is connected has proved that it is a member of a space. @defaultValue nobody is told */
  readonly onMember?: (peerId: string) => void
}

type Connect = (signal: AbortSignal) => Promise<Channel>

export class SyncService {
  readonly #init: SyncServiceInit
  readonly #spaces = new Map<Hex, SpaceState>()
  readonly #slots = new SessionSlots()
  readonly #faults: Faults
  readonly #strangers: Strangers
  readonly #answering: Answering
  /** Peers that are connected and were members when they were met last. */
  readonly #proven = new Set<string>()
  readonly #telling = new Map<Hex, TimerHandle>()
  readonly #stopping = new AbortController()
  #isBegun = false
  #timer: TimerHandle | undefined
  #looking: Promise<void> = Promise.resolve()
  #lookedMs: { readonly wall: number; readonly monotonic: number } | undefined

  constructor(init: SyncServiceInit) {
    this.#init = init
    const { seams, network, host } = init
    this.#faults = new Faults(seams.clock)
    this.#strangers = new Strangers(seams.clock)
    this.#answering = new Answering({
      host,
      seams,
      faults: this.#faults,
      ownId: network.peerId,
      slots: this.#slots,
      knownAs: async (space, peerId) =>
        (await this.#spaces.get(space)?.members.devices())?.get(peerId)?.isMember,
      onEnd: (peerId, result, startMs) => this.#ended(peerId, result, startMs),
    })
  }

  /** Begins, with these spaces. */
  start(spaces: readonly Hex[]): void {
    for (const space of spaces) this.#add(space)
  }

  /** Did this peer prove that it is a member of a space of this home, while it is connected? */
  isMember(peerId: string): boolean {
    return this.#proven.has(peerId)
  }

  /** Something changed in a space, or it is new here. */
  changed(space: Hex, call: CallName): void {
    // What came by gossip came to the others too; whom it did not reach has a session with somebody soon.
    if (this.#stopping.signal.aborted || call === 'takeBatches') return
    this.#add(space).changed(call !== 'syncTake' && call !== 'syncIntroduce')
    if (this.#telling.has(space)) return
    const timer = this.#init.seams.timers.set(() => {
      this.#telling.delete(space)
      void this.#tell(space)
    }, TELL_DELAY_MS)
    this.#telling.set(space, timer)
  }

  /** Notes where a member of a space can be reached, of which somebody told who is believed. */
  async met(space: Hex, device: MetDevice): Promise<void> {
    const state = this.#add(space)
    await state.members.met(device)
    state.reached()
    this.#strangers.forget(device.peerId)
  }

  /** Whether a space goes by this provider key. */
  isNamed(digest: Uint8Array): boolean {
    return [...this.#spaces.values()].some(({ names }) => names.has(digest))
  }

  async stop(): Promise<void> {
    const { timers } = this.#init.seams
    this.#stopping.abort()
    if (this.#timer !== undefined) timers.clear(this.#timer)
    for (const timer of this.#telling.values()) timers.clear(timer)
    await Promise.all([this.#slots.stop(), this.#answering.stop(), this.#looking])
  }

  #add(space: Hex): SpaceState {
    const known = this.#spaces.get(space)
    if (known !== undefined) return known
    const { host, seams, network } = this.#init
    const state = new SpaceState({ space, host, seams, discovery: network.discovery })
    this.#spaces.set(space, state)
    // Who is connected may be a member of this one.
    this.#strangers.forgetAll()
    this.#begin()
    return state
  }

  #begin(): void {
    if (this.#isBegun || this.#stopping.signal.aborted) return
    this.#isBegun = true
    // Where the protocol is taken, by whoever runs the libp2p node, this one still begins sessions.
    void this.#init.network.speak(SYNC_PROTOCOL, (channel) => this.#answering.accept(channel)).catch(() => {})
    this.#lookLater(0)
  }

  #lookLater(delayMs: number): void {
    if (this.#stopping.signal.aborted) return
    this.#timer = this.#init.seams.timers.set(() => {
      this.#looking = this.#look().finally(() => this.#lookLater(LOOK_MS))
    }, delayMs)
  }

  async #look(): Promise<void> {
    this.#noteSleep()
    const connected = new Set(this.#init.network.connectedPeers())
    const members = new Set<string>()
    for (const state of this.#spaces.values()) {
      state.keep(connected)
      // oxlint-disable-next-line no-await-in-loop -- All ask one thread.
      for (const { peerId } of await this.#lookAt(state, connected)) members.add(peerId)
    }
    for (const peerId of this.#proven) if (!members.has(peerId)) this.#proven.delete(peerId)
    await this.#greetStrangers(connected)
  }

  /** Returns who is connected and a member. */
  async #lookAt(state: SpaceState, connected: ReadonlySet<string>): Promise<readonly MetDevice[]> {
    await state.names.refresh()
    const members = [...(await state.members.devices()).values()].filter(({ isMember }) => isMember)
    const near = members.filter(({ peerId }) => connected.has(peerId) && !this.#faults.isBarred(peerId))
    // Those that connected since are due.
    for (const { peerId } of near) if (state.isDue(peerId)) this.#meet(state, peerId)
    if (state.takeRound()) {
      const one = this.#oneOf(near)
      if (one !== undefined) this.#meet(state, one.peerId)
    }
    const away = members.filter(({ peerId }) => !connected.has(peerId) && !this.#faults.isBarred(peerId))
    const isLonely = near.length === 0
    if ((isLonely || (near.length < WANTED_MEMBERS && away.length > 0)) && state.takeReach())
      void this.#reach(state, this.#oneOf(away), isLonely).finally(() => state.reachEnded())
    return near
  }

  /** Connects to a member that was met before; where none is connected, looks for any. */
  async #reach(state: SpaceState, member: MetDevice | undefined, isLonely: boolean): Promise<void> {
    const { network } = this.#init
    const { signal } = this.#stopping
    if (member !== undefined) {
      const { peerId, addresses } = member
      const connect = async (within: AbortSignal): Promise<Channel> => {
        const where = addresses.length > 0 ? addresses : await network.discovery.findPeer(peerId, within)
        return await network.dial(where, within, 'record', SYNC_PROTOCOL)
      }
      this.#run(`${peerId} ${state.space}`, peerId, [state.space], true, connect)
    }
    if (!isLonely) return
    await state.names.search(signal, ({ peerId, addresses }) => {
      if (peerId === network.peerId || this.#faults.isBarred(peerId)) return
      this.#run(`${peerId} *`, peerId, [state.space], false, async (within) => {
        const where = addresses.length > 0 ? addresses : await network.discovery.findPeer(peerId, within)
        return await network.dial(where, within, 'record', SYNC_PROTOCOL)
      })
    })
  }

  /** Devices that are connected and not known as members: by what only those know who can read, it is seen if they are. */
  async #greetStrangers(connected: ReadonlySet<string>): Promise<void> {
    const fresh = this.#strangers.fresh(connected)
    if (fresh.size === 0) return
    const peers = await this.#init.network.peers()
    for (const { id, shoal } of peers) {
      if (!fresh.has(id)) continue
      if (shoal === null) this.#strangers.isUnclear(id)
      else this.#strangers.done(id)
      // oxlint-disable-next-line no-await-in-loop -- A look-up in memory.
      if (shoal === true) await this.#greet(id)
    }
  }

  async #greet(peerId: string): Promise<void> {
    if (this.#faults.isBarred(peerId)) return
    const unknown: Hex[] = []
    for (const { space, members } of this.#spaces.values()) {
      // oxlint-disable-next-line no-await-in-loop -- A look-up in memory.
      if ((await members.devices()).get(peerId) === undefined) unknown.push(space)
    }
    const spaces = this.#shuffled(unknown).slice(0, HELLO_TAGS)
    if (spaces.length === 0) return
    this.#run(`${peerId} *`, peerId, spaces, false, this.#open(peerId), () => void this.#greet(peerId))
  }

  async #tell(space: Hex): Promise<void> {
    const state = this.#spaces.get(space)
    if (state === undefined) return
    const connected = new Set(this.#init.network.connectedPeers())
    const due = [...(await state.members.devices()).values()].filter(
      ({ peerId, isMember }) => isMember && connected.has(peerId) && state.isDue(peerId),
    )
    for (const { peerId } of this.#shuffled(due).slice(0, TELL_MEMBERS)) this.#meet(state, peerId)
  }

  #meet({ space }: SpaceState, peerId: string): void {
    if (!this.#faults.isBarred(peerId))
      this.#run(`${peerId} ${space}`, peerId, [space], true, this.#open(peerId))
  }

  #open(peerId: string): Connect {
    return (signal) => this.#init.network.open(peerId, SYNC_PROTOCOL, signal)
  }

  #run(
    key: string,
    peerId: string,
    spaces: readonly Hex[],
    isKnown: boolean,
    connect: Connect,
    onDone: () => void = () => {},
  ): void {
    const { host, seams } = this.#init
    this.#slots.run(key, async (signal) => {
      const startMs = seams.clock.monotonic()
      try {
        const channel = await connect(signal)
        const result = await openSession({ channel, host, seams, signal, spaces, isKnown })
        await this.#ended(peerId, result, startMs)
        onDone()
      } catch (error) {
        // Anything else is the network, or nothing that is there in common.
        if (isShoalError(error, 'ERR_PROTOCOL')) this.#faults.fault(peerId)
      }
    })
  }

  async #ended(peerId: string, { space, author }: SessionResult, startMs: number): Promise<void> {
    this.#faults.worked(peerId)
    const { host, network } = this.#init
    const { standing } = await host.call('syncStanding', { space, author })
    const state = this.#spaces.get(space)
    if (standing !== 'member' || state === undefined) return
    this.#proven.add(peerId)
    this.#init.onMember?.(peerId)
    const addresses = (await network.addressesOf(peerId)).map((address) => withPeerId(address, peerId))
    await state.members.met({ author, peerId, addresses })
    state.synced(peerId, startMs)
  }

  /** The wall clock goes on while a machine sleeps, and timers do not. */
  #noteSleep(): void {
    const { clock } = this.#init.seams
    const now = { wall: clock.now(), monotonic: clock.monotonic() }
    const before = this.#lookedMs ?? now
    this.#lookedMs = now
    const passedMs = Math.max(now.wall - before.wall, now.monotonic - before.monotonic)
    if (passedMs < SLEPT_MS) return
    for (const state of this.#spaces.values()) {
      state.changed(true)
      state.reached()
    }
    this.#strangers.forgetAll()
  }

  #oneOf<T>(items: readonly T[]): T | undefined {
    return this.#shuffled(items)[0]
  }

  #shuffled<T>(items: readonly T[]): T[] {
    const rank = (): number => Buffer.from(this.#init.seams.random.bytes(4)).readUInt32BE()
    return items
      .map((item) => ({ item, at: rank() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ item }) => item)
  }
}
