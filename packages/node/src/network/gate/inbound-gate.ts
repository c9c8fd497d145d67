/**
 * Who may have a half-open connection here. The library counts them too, but refuses newcomers when its places are
 * taken, so a dozen idle sockets shut it; its count is switched off, and this one lets the newcomer in.
 */
import { BlockList, type SocketAddress } from 'node:net'
import type { MultiaddrConnection } from '@libp2p/interface'
import { ShoalError } from '../../errors.ts'
import type { Clock } from '../../util/seams.ts'
import type { NetworkLimits } from '../limits.ts'
import type { Shedding } from '../loop-watchdog.ts'
import { addressBlock, blockOfMultiaddr, type AddressBlock } from './address-block.ts'
import { FairSlots } from './fair-slots.ts'
import { TokenBucket, TokenBuckets } from '../token-buckets.ts'

export interface InboundGateInit {
  readonly clock: Clock
  readonly limits: NetworkLimits
  /** Is this address free of limits by address? */
  readonly isExempt: (block: AddressBlock) => boolean
  readonly shedding: Shedding
}

export class InboundGate {
  readonly #pending: FairSlots<MultiaddrConnection>
  readonly #rates: TokenBuckets
  readonly #isExempt: (block: AddressBlock) => boolean
  readonly #shedding: Shedding
  /** Given to the listener, which asks it before anything is made of a socket. */
  readonly acceptFilter: BlockList
  /** Sockets closed because their address opened too many, and half-open ones that made room. */
  readonly counts = { tooFast: 0, evicted: 0 }

  constructor({ clock, limits, isExempt, shedding }: InboundGateInit) {
    this.#pending = new FairSlots(limits.maxIncomingPendingConnections, limits.maxPendingPerAddress)
    const perSecond = limits.inboundConnectionsPerSecond
    this.#rates = new TokenBuckets(limits.maxRatedAddresses, () => new TokenBucket(clock, perSecond))
    this.#isExempt = isExempt
    this.#shedding = shedding
    this.acceptFilter = new AcceptFilter((host) => this.#isShed() || this.#isTooFast(host))
  }

  get pending(): number {
    return this.#pending.size
  }

  /** Takes a connection before its handshake; another one may have to go for it. */
  begin(connection: MultiaddrConnection): void {
    const { address, block } = blockOfMultiaddr(connection.remoteAddr.toString())
    const evicted = this.#pending.take(connection, block, address)
    connection.addEventListener('close', () => this.end(connection), { once: true })
    if (evicted === undefined) return
    this.counts.evicted++
    evicted.abort(new ShoalError('ERR_PROTOCOL', 'half-open, and others wait'))
  }

  /** It is open now, or closed. */
  end(connection: MultiaddrConnection): void {
    this.#pending.release(connection)
  }

  /** Who it is nobody knows before a handshake, which is what costs; who is known and needed, we dial. */
  #isShed(): boolean {
    if (!this.#shedding.isOn) return false
    this.#shedding.refused()
    return true
  }

  #isTooFast(host: string): boolean {
    const block = addressBlock(host)
    if (this.#isExempt(block) || this.#rates.tryTake(block.address)) return false
    this.counts.tooFast++
    return true
  }
}

/**
 * The list of blocked addresses that `node:net` asks about each accepted socket before it makes an object of it, which
 * is what keeps a flood cheap. Its answer is given by the rate of that moment.
 */
class AcceptFilter extends BlockList {
  readonly #refuses: (host: string) => boolean

  constructor(refuses: (host: string) => boolean) {
    super()
    this.#refuses = refuses
  }

  override check(address: SocketAddress | string): boolean {
    return this.#refuses(typeof address === 'string' ? address : address.address)
  }
}
