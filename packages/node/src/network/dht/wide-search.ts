/**
 * What is done beside the queries of kad-dht so that an attacker with many ids and few addresses, all close to one key,
 * cannot keep its records to himself: records go to few peers of each subnet, and are asked for at few of each.
 */
import type { PeerId, PeerInfo } from '@libp2p/interface'
import type { KadDHT, KadDHTComponents } from '@libp2p/kad-dht'
import type { Timers } from '../../util/seams.ts'
import { ownAddresses } from '../own-addresses.ts'
import { request, tell, type Answer } from './kad-messages.ts'
import { tableOf } from './kad-table.ts'
import { WIDE_LIMITS } from './limits.ts'
import { SubnetCount, type PeerSubnets } from './peer-subnets.ts'
import { WideLookup } from './wide-lookup.ts'

export interface WideSearchInit {
  readonly kad: KadDHT
  readonly components: KadDHTComponents
  readonly subnets: PeerSubnets
  readonly timers: Timers
  /** A peer that another named, with those of its addresses that may be used. */
  readonly usablePart: (peer: PeerInfo) => PeerInfo
}

export class WideSearch {
  readonly #init: WideSearchInit

  constructor(init: WideSearchInit) {
    this.#init = init
  }

  /**
   * Asks the closest peers that can be found, few of each subnet, who provides a key.
   *
   * @param target a multihash
   * @param onProviders told of what each names, with the subnet it lies in
   */
  async find(
    target: Uint8Array,
    signal: AbortSignal,
    onProviders: (providers: readonly PeerInfo[], lane: string) => void,
  ): Promise<void> {
    const message = { type: 'GET_PROVIDERS', key: target } as const
    await this.#lookup(target, message, [], ({ providers }, lane) => {
      if (providers.length > 0) onProviders(providers, lane)
    }).run(signal)
  }

  /**
   * Announces that this node provides a key: to the k closest, as every implementation does; but where more of them than
   * its share are of one subnet, to the 2k closest with no more than that share of each.
   *
   * @param target a multihash
   * @returns how many took it
   */
  async provide(target: Uint8Array, signal: AbortSignal): Promise<number> {
    const { kad, components, subnets } = this.#init
    const closest: PeerId[] = []
    const answered: PeerId[] = []
    const count = new SubnetCount(WIDE_LIMITS.maxPerSubnet)
    const subnetsOf = new Map<string, string[]>()
    for await (const event of kad.getClosestPeers(target, { signal })) {
      if (event.name === 'FINAL_PEER') closest.push(event.peer.id)
      if (event.name !== 'PEER_RESPONSE') continue
      answered.push(event.from)
      // Now, since who answered may be gone later.
      subnetsOf.set(event.from.toString(), subnets.ofAnswering(event.from))
    }
    let isCrowded = false
    for (const id of closest) isCrowded = !count.add(subnetsOf.get(id.toString()) ?? []) || isCrowded
    const find = { type: 'FIND_NODE', key: target } as const
    const receivers = isCrowded ? await this.#lookup(target, find, answered).run(signal) : closest
    const own = components.peerId
    const addresses = ownAddresses(components.addressManager, own.toString())
    const providers = [{ id: own.toMultihash().bytes, multiaddrs: addresses.map(({ bytes }) => bytes) }]
    const record = { type: 'ADD_PROVIDER', key: target, providers } as const
    const left = [...receivers]
    let taken = 0
    const send = async (): Promise<void> => {
      for (let to = left.shift(); to !== undefined; to = left.shift()) {
        if (await tell(kad, to, record, signal)) taken++
      }
    }
    await Promise.all(Array.from({ length: WIDE_LIMITS.maxConcurrent }, send))
    return taken
  }

  #lookup(
    target: Uint8Array,
    message: Parameters<typeof request>[2],
    others: readonly PeerId[],
    onAnswer?: (answer: Answer, lane: string) => void,
  ): WideLookup {
    const { kad, components, subnets } = this.#init
    const table = [...tableOf(kad).kb.toIterable()].map(({ peerId }) => peerId)
    return new WideLookup({
      target,
      k: kad.k,
      starts: new Map([...table, ...others].map((id) => [id.toString(), id])).values(),
      ownPeerId: components.peerId.toString(),
      subnets,
      ask: (peer, signal) => this.#ask(peer, message, signal),
      ...(onAnswer === undefined ? {} : { onAnswer }),
    })
  }

  async #ask(
    peer: PeerInfo,
    message: Parameters<typeof request>[2],
    signal: AbortSignal,
  ): Promise<Answer | undefined> {
    const { kad, components, timers, usablePart } = this.#init
    const limit = new AbortController()
    const timeout = timers.set(() => limit.abort(), WIDE_LIMITS.askTimeoutMs)
    try {
      const { multiaddrs } = usablePart(peer)
      if (multiaddrs.length > 0) await components.peerStore.merge(peer.id, { multiaddrs })
      return await request(kad, peer.id, message, AbortSignal.any([signal, limit.signal]))
    } catch {
      return undefined
    } finally {
      timers.clear(timeout)
    }
  }
}
