/**
 * Who may stay connected. The library refuses every newcomer once its places are taken, so whoever comes first may
 * surround a node; here half of the places are not for inbound strangers at all, and among these an idle connection of
 * whoever holds most makes room.
 */
import type { Connection, MultiaddrConnection } from '@libp2p/interface'
import type { Clock } from '../../util/seams.ts'
import type { NetworkLimits } from '../limits.ts'
import { blockOfMultiaddr, type AddressBlock } from './address-block.ts'

/** Streams that come with any connection and say nothing about its worth. */
const SPECULATIVE_PROTOCOLS = new Set([
  '/ipfs/id/1.0.0',
  '/ipfs/id/push/1.0.0',
  '/ipfs/ping/1.0.0',
  '/libp2p/autonat/1.0.0',
])

interface Entry {
  readonly peer: string
  readonly place: AddressBlock
  readonly isInbound: boolean
  readonly sinceMs: number
  readonly remote: string
  /** Known once the library tells that it is open. */
  connection?: Connection
}

export interface EstablishedInit {
  readonly clock: Clock
  readonly limits: NetworkLimits
  readonly isExempt: (block: AddressBlock) => boolean
  readonly isProtected: (peerId: string) => boolean
}

export class Established {
  readonly #init: EstablishedInit
  readonly #entries = new Map<MultiaddrConnection, Entry>()
  /** Newcomers refused, and connections closed to make room. */
  readonly counts = { refused: 0, closed: 0 }

  constructor(init: EstablishedInit) {
    this.#init = init
  }

  get size(): number {
    return this.#entries.size
  }

  get inboundStrangers(): number {
    return this.#inboundStrangers().length
  }

  /** May this peer, whose identity is proven now, stay? Counts it if so. */
  admitInbound(peer: string, socket: MultiaddrConnection): boolean {
    const place = blockOfMultiaddr(socket.remoteAddr.toString())
    if (!this.#init.isProtected(peer) && !this.#hasRoomFor(peer, place)) {
      this.counts.refused++
      return false
    }
    this.#add(peer, socket, place, true)
    return true
  }

  /** Counts a connection that we opened; it is never refused. */
  admitOutbound(peer: string, socket: MultiaddrConnection): void {
    this.#add(peer, socket, blockOfMultiaddr(socket.remoteAddr.toString()), false)
  }

  /** The library tells of an open connection: from now on it can be closed for another. */
  onOpen(connection: Connection): void {
    const peer = connection.remotePeer.toString()
    const remote = withoutPeer(connection.remoteAddr.toString())
    for (const entry of this.#entries.values()) {
      if (entry.connection !== undefined || entry.peer !== peer || entry.remote !== remote) continue
      entry.connection = connection
      break
    }
    this.#keepReserve()
  }

  #add(peer: string, socket: MultiaddrConnection, place: AddressBlock, isInbound: boolean): void {
    const sinceMs = this.#init.clock.monotonic()
    const remote = withoutPeer(socket.remoteAddr.toString())
    this.#entries.set(socket, { peer, place, isInbound, sinceMs, remote })
    socket.addEventListener('close', () => this.#entries.delete(socket), { once: true })
    if (socket.status !== 'open') this.#entries.delete(socket)
  }

  #hasRoomFor(peer: string, place: AddressBlock): boolean {
    const { limits, isExempt } = this.#init
    const strangers = this.#inboundStrangers()
    const count = (isSame: (entry: Entry) => boolean): number => strangers.filter(isSame).length
    if (count((entry) => entry.peer === peer) >= limits.maxConnectionsPerPeer) return false
    if (!isExempt(place)) {
      const ofAddress = count((entry) => entry.place.address === place.address)
      const ofBlock = count((entry) => entry.place.block === place.block)
      if (ofAddress >= limits.maxConnectionsPerAddress || ofBlock >= limits.maxConnectionsPerBlock)
        return false
    }
    if (strangers.length < limits.maxInboundStrangers) return true
    return this.#closeFor(place.block, strangers)
  }

  /** Closes an idle one of the block that holds most, if that is no smaller than the newcomer's would be. */
  #closeFor(newcomer: string, strangers: readonly Entry[]): boolean {
    const weights = new Map<string, number>()
    for (const { place } of strangers) weights.set(place.block, (weights.get(place.block) ?? 0) + 1)
    const weightOf = (entry: Entry): number => weights.get(entry.place.block) ?? 0
    const least = (weights.get(newcomer) ?? 0) + 1
    const victim = strangers
      .filter((entry) => this.#isIdle(entry))
      .filter((entry) => entry.place.block === newcomer || weightOf(entry) >= least)
      // Who has been here long has proven more than who came just now.
      .toSorted((a, b) => weightOf(b) - weightOf(a) || b.sinceMs - a.sinceMs)[0]
    if (victim === undefined) return false
    this.#close(victim)
    return true
  }

  /** Strangers of both directions leave the last places to protected peers, as far as they are idle. */
  #keepReserve(): void {
    const { limits, isProtected } = this.#init
    const most = limits.maxConnections - limits.reservedForProtected
    const strangers = [...this.#entries.values()].filter((entry) => !isProtected(entry.peer))
    const excess = strangers.length - most
    if (excess <= 0) return
    const victims = strangers
      .filter((entry) => this.#isIdle(entry))
      .toSorted((a, b) => Number(b.isInbound) - Number(a.isInbound) || b.sinceMs - a.sinceMs)
    for (const victim of victims.slice(0, excess)) this.#close(victim)
  }

  #close(victim: Entry): void {
    this.counts.closed++
    for (const [socket, entry] of this.#entries) if (entry === victim) this.#entries.delete(socket)
    const { connection } = victim
    connection?.close().catch((error: unknown) => connection.abort(error as Error))
  }

  #isIdle(entry: Entry): boolean {
    const { clock, limits } = this.#init
    if (entry.connection === undefined) return false
    if (clock.monotonic() - entry.sinceMs < limits.minConnectionAgeMs) return false
    return entry.connection.streams.every(({ protocol }) => SPECULATIVE_PROTOCOLS.has(protocol))
  }

  #inboundStrangers(): Entry[] {
    return [...this.#entries.values()].filter(
      (entry) => entry.isInbound && !this.#init.isProtected(entry.peer),
    )
  }
}

function withoutPeer(address: string): string {
  return address.replace(/\/p2p\/[^/]+$/, '')
}
