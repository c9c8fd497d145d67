/**
 * A lookup of our own that many ids at few addresses cannot steer. Of one subnet few peers count, by the address that they
 * really have. It begins at many subnets of the own table, and follows what the peers of each subnet name in turn, so that
 * who names most, or names what lies closest, is not followed alone.
 */
import type { PeerId, PeerInfo } from '@libp2p/interface'
import { sha256 } from '../../content/cid.ts'
import type { Answer } from './kad-messages.ts'
import { WIDE_LIMITS } from './limits.ts'
import { SubnetCount, type PeerSubnets } from './peer-subnets.ts'

export interface WideLookupInit {
  /** Multihash that is looked for. */
  readonly target: Uint8Array
  /** How many of the closest are wanted when no subnet has more than its share; else twice as many. */
  readonly k: number
  /** Peers to begin with. */
  readonly starts: Iterable<PeerId>
  readonly ownPeerId: string
  readonly subnets: PeerSubnets
  /** Asks one peer. Does not reject; undefined: no answer. */
  readonly ask: (peer: PeerInfo, signal: AbortSignal) => Promise<Answer | undefined>
  /** Told of each answer that counts, with the subnet, or the peer where there is none, that it came from. */
  readonly onAnswer?: (answer: Answer, lane: string) => void
}

interface Place {
  readonly peer: PeerInfo
  readonly distance: Uint8Array
}

interface Lane {
  readonly heard: Place[]
  followed: number
}

export class WideLookup {
  readonly #init: WideLookupInit
  readonly #place: Uint8Array
  readonly #count = new SubnetCount(WIDE_LIMITS.maxPerSubnet)
  /** Peers to begin with, in the order in which they are asked. */
  readonly #starts: Place[]
  /** What was named, by the subnets that named it. */
  readonly #lanes = new Map<string, Lane>()
  readonly #asked = new Set<string>()
  /** Who answered and counts, the closest first. */
  readonly #answered: Place[] = []
  #isCrowded = false

  constructor(init: WideLookupInit) {
    this.#init = init
    this.#place = sha256(init.target)
    this.#starts = this.#spread(init.starts)
    this.#asked.add(init.ownPeerId)
  }

  /** @returns the closest that answered, few of each subnet. What is there when the signal aborts */
  async run(signal: AbortSignal): Promise<PeerId[]> {
    const running = new Set<Promise<void>>()
    while (!signal.aborted) {
      const next = running.size < WIDE_LIMITS.maxConcurrent ? this.#next() : undefined
      if (next !== undefined) {
        const asking = this.#ask(next, signal).then(() => void running.delete(asking))
        running.add(asking)
      } else if (running.size > 0) await Promise.race(running)
      else break
    }
    await Promise.all(running)
    return this.#answered.slice(0, this.#width).map(({ peer }) => peer.id)
  }

  get #width(): number {
    const { k } = this.#init
    return this.#isCrowded ? WIDE_LIMITS.crowdedFactor * k : k
  }

  /** First the closest of each subnet, then the second ones: who lies closest must not be all that is asked at first. */
  #spread(peerIds: Iterable<PeerId>): Place[] {
    const places = [...peerIds].map((id) => this.#placeOf({ id, multiaddrs: [] })).toSorted(byDistance)
    const count = new Map<string, number>()
    const ranked = places.map((place) => {
      const ranks = this.#init.subnets.of(place.peer.id).map((subnet) => {
        const rank = count.get(subnet) ?? 0
        count.set(subnet, rank + 1)
        return rank
      })
      return { place, rank: Math.max(0, ...ranks) }
    })
    return ranked
      .toSorted((a, b) => a.rank - b.rank)
      .slice(0, WIDE_LIMITS.maxStarts)
      .map(({ place }) => place)
  }

  #next(): PeerInfo | undefined {
    if (this.#asked.size > WIDE_LIMITS.maxAsked) return undefined
    for (let start = this.#starts.shift(); start !== undefined; start = this.#starts.shift()) {
      if (this.#mayAsk(start, this.#init.subnets.of(start.peer.id))) return this.#take(start)
    }
    for (;;) {
      let least: Lane | undefined
      for (const lane of this.#lanes.values()) {
        if (lane.heard.length > 0 && (least === undefined || lane.followed < least.followed)) least = lane
      }
      const place = least?.heard.shift()
      if (least === undefined || place === undefined) return undefined
      if (!this.#isWanted(place) || !this.#mayAsk(place, this.#claimedBy(place.peer))) continue
      least.followed++
      return this.#take(place)
    }
  }

  #take({ peer }: Place): PeerInfo {
    this.#asked.add(peer.id.toString())
    return peer
  }

  #isWanted({ distance }: Place): boolean {
    const last = this.#answered[this.#width - 1]
    return last === undefined || Buffer.compare(distance, last.distance) < 0
  }

  #mayAsk({ peer }: Place, subnets: readonly string[]): boolean {
    if (this.#asked.has(peer.id.toString())) return false
    if (this.#count.hasRoom(subnets)) return true
    this.#isCrowded = true
    return false
  }

  /** The subnets that a peer would be reached in; with those of the connection, where there is one, nothing is claimed. */
  #claimedBy(peer: PeerInfo): string[] {
    const { subnets } = this.#init
    if (subnets.isConnected(peer.id)) return subnets.of(peer.id)
    return subnets.ofAddresses(peer.multiaddrs.map((address) => address.toString()))
  }

  async #ask(peer: PeerInfo, signal: AbortSignal): Promise<void> {
    const { ask, onAnswer, subnets } = this.#init
    const answer = await ask(peer, signal)
    if (answer === undefined) return
    const own = subnets.ofAnswering(peer.id)
    if (!this.#count.add(own)) {
      this.#isCrowded = true
      return
    }
    const place = this.#placeOf(peer)
    const index = this.#answered.findIndex(({ distance }) => Buffer.compare(distance, place.distance) > 0)
    this.#answered.splice(index === -1 ? this.#answered.length : index, 0, place)
    const lane = own.length === 0 ? peer.id.toString() : own.join(' ')
    this.#hear(lane, answer.closer)
    onAnswer?.(answer, lane)
  }

  #hear(name: string, named: readonly PeerInfo[]): void {
    const lane = this.#lanes.get(name) ?? { heard: [], followed: 0 }
    this.#lanes.set(name, lane)
    const fresh = named
      .slice(0, WIDE_LIMITS.maxNamed)
      .filter(({ id }) => !this.#asked.has(id.toString()))
      .map((peer) => this.#placeOf(peer))
    lane.heard.push(...fresh)
    lane.heard.sort(byDistance)
  }

  #placeOf(peer: PeerInfo): Place {
    const place = sha256(peer.id.toMultihash().bytes)
    return { peer, distance: place.map((byte, i) => byte ^ (this.#place[i] as number)) }
  }
}

function byDistance(a: Place, b: Place): number {
  return Buffer.compare(a.distance, b.distance)
}
