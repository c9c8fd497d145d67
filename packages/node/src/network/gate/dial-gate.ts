/**
 * What is dialled, and how often. Addresses that strangers named pass the rules of the preset, and are counted and
 * paced where a socket is really opened: in the transport.
 */
import { lookup, type LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import type { MultiaddrResolver, Transport } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { dnsaddrResolver } from 'libp2p'
import { ShoalError } from '../../errors.ts'
import type { NetworkPreset } from '../../options.ts'
import { delay, type Seams } from '../../util/seams.ts'
import { mayDialFromRecord, mayKeepFromRecord, parseDiallable, type Subnet } from '../address-rules.ts'
import type { NetworkLimits } from '../limits.ts'
import { addressBlock, type AddressBlock } from './address-block.ts'
import { FailedDials } from './failed-dials.ts'
import { Permits } from './permits.ts'
import { TokenBucket } from '../token-buckets.ts'

export interface DialGateInit {
  readonly preset: NetworkPreset
  readonly seams: Seams
  readonly limits: NetworkLimits
  readonly peerId: string
  /** Multiaddrs of this node. */
  readonly ownAddresses: () => readonly string[]
  readonly subnets: () => readonly Subnet[]
  readonly isProtected: (peerId: string) => boolean
  readonly isExempt: (block: AddressBlock) => boolean
}

interface Own {
  readonly atMs: number
  readonly addresses: ReadonlySet<string>
  readonly subnets: readonly Subnet[]
}

type DialOptions = Parameters<Transport['dial']>[1]

export class DialGate {
  readonly #init: DialGateInit
  readonly #failed: FailedDials
  readonly #pace: TokenBucket
  #own: Own | undefined
  readonly permits = new Permits()
  /** Addresses that the rules refused, dials refused by number, and sockets opened to addresses of strangers. */
  readonly counts = { denied: 0, limited: 0, dialled: 0 }

  constructor(init: DialGateInit) {
    this.#init = init
    const { seams, limits } = init
    this.#failed = new FailedDials(seams.clock, limits)
    this.#pace = new TokenBucket(seams.clock, limits.strangerDialsPerSecond)
  }

  /** May this multiaddr be dialled now? */
  mayDial(address: string): boolean {
    if (this.permits.has(address)) return true
    const own = this.#knownOwn()
    const isGood =
      !own.addresses.has(withoutPeer(address)) && mayDialFromRecord(this.#init.preset, address, own.subnets)
    if (!isGood) this.counts.denied++
    return isGood
  }

  /** May the peer store keep this address of a peer? Our own entry holds what we listen on. */
  mayKeep(peer: string, address: string): boolean {
    if (peer === this.#init.peerId || this.permits.has(address)) return true
    const own = this.#knownOwn()
    return (
      !own.addresses.has(withoutPeer(address)) && mayKeepFromRecord(this.#init.preset, address, own.subnets)
    )
  }

  /** The transport, asking here before each socket that it opens. */
  guard<T extends Transport>(transport: T): T {
    const dial = transport.dial.bind(transport)
    transport.dial = (address, options) =>
      this.permits.has(address.toString())
        ? dial(address, options)
        : this.#dialStranger(address, options, dial)
    return transport
  }

  /** Resolves `/dnsaddr` only where it was permitted: a question to the name server is a dial as well. */
  readonly resolver: MultiaddrResolver = {
    canResolve: (address) => dnsaddrResolver.canResolve(address),
    resolve: async (address, options) => {
      const name = address.toString()
      const isPermitted = this.permits.has(name)
      if (!isPermitted && this.#init.preset !== 'private') return []
      const resolved = await dnsaddrResolver.resolve(address, options)
      if (isPermitted) this.permits.extend(name, resolved.map(String))
      return resolved
    },
  }

  async #dialStranger(target: Multiaddr, options: DialOptions, dial: Transport['dial']) {
    const address = target.toString()
    const place = parseDiallable(address)
    if (place === undefined || !this.mayDial(address)) throw refused('this address is not dialled')
    const peer = /\/p2p\/([^/]+)$/.exec(address)?.[1] ?? place.host
    const isFree = this.#init.isProtected(peer) || this.#init.isExempt(addressBlock(place.host))
    if (!isFree) await this.#waitForTurn(peer, options.signal)
    this.counts.dialled++
    try {
      const connection = await dial(
        target,
        place.isName ? withLookup(options, this.#lookup(place.port)) : options,
      )
      this.#failed.forget(peer)
      return connection
    } catch (error) {
      if (!isFree) this.#failed.note(peer)
      throw error
    }
  }

  async #waitForTurn(peer: string, signal: AbortSignal): Promise<void> {
    const { seams, limits } = this.#init
    const delayMs = this.#failed.isExhausted(peer) ? undefined : this.#pace.takeAhead(limits.maxDialDelayMs)
    if (delayMs === undefined) {
      this.counts.limited++
      throw refused('too many dials')
    }
    if (delayMs > 0) await delay(seams.timers, delayMs, signal)
  }

  /** A name of a stranger may stand for this machine: what it resolves to is judged like any address. */
  #lookup(port: number): LookupFunction {
    return (host, options, callback) => {
      lookup(host, { ...options, all: true }, (error, found) => {
        const { preset } = this.#init
        const own = this.#knownOwn()
        const good = (error === null ? found : []).filter(({ address, family }) => {
          const target = `/ip${family}/${address}/tcp/${port}`
          return !own.addresses.has(target) && mayDialFromRecord(preset, target, own.subnets)
        })
        const first: LookupAddress | undefined = good[0]
        if (first === undefined) {
          if (error === null) this.counts.denied++
          callback(error ?? refused('this name stands for nothing that is dialled'), '')
        } else if (options.all === true) {
          callback(null, good)
        } else {
          callback(null, first.address, first.family)
        }
      })
    }
  }

  #knownOwn(): Own {
    const { seams, limits, ownAddresses, subnets } = this.#init
    const now = seams.clock.monotonic()
    if (this.#own !== undefined && now - this.#own.atMs < limits.subnetMemoryMs) return this.#own
    const own = ownAddresses()
    this.#own = {
      atMs: now,
      addresses: new Set(own.map(withoutPeer)),
      subnets: subnets(),
    }
    return this.#own
  }
}

/** The TCP transport hands its options on to `net.connect`. */
function withLookup(options: DialOptions, found: LookupFunction): DialOptions {
  return Object.assign({}, options, { lookup: found })
}

function withoutPeer(address: string): string {
  return address.replace(/\/p2p\/[^/]+$/, '')
}

function refused(why: string): ShoalError {
  return new ShoalError('ERR_NO_PROVIDER', why)
}
