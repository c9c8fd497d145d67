/**
 * Finds Shoal devices on the local networks of this machine by multicast DNS, and lets itself be found: one link for each
 * network, opened and closed as networks come and go. Without any network it waits for one, quietly.
 */
import { isDeepStrictEqual } from 'node:util'
import { systemCode } from '../../errors.ts'
import type { NetworkPreset } from '../../options.ts'
import type { Seams, TimerHandle } from '../../util/seams.ts'
import type { Candidate } from '../provider-source.ts'
import { keepsToItself, ownAddresses, type Announcement } from './announcement.ts'
import { DeviceTable } from './device-table.ts'
import { TokenBucket, TokenBuckets } from '../token-buckets.ts'
import { MAX_RATED, MDNS_LIMITS, MDNS_TIMES } from './limits.ts'
import { localNetworks, type NamedInterfaces, type LocalNetwork } from './local-networks.ts'
import { MdnsLink } from './mdns-link.ts'
import type { OpenMulticast } from './multicast.ts'

export interface MdnsInit {
  readonly peerId: string
  readonly preset: NetworkPreset
  /** Multiaddrs that this node listens on. */
  readonly addresses: () => readonly string[]
  readonly seams: Seams
  readonly interfaces: () => NamedInterfaces
  readonly open: OpenMulticast
  /** Called once when the port of multicast DNS cannot be used. */
  readonly onUnavailable: (error: Error) => void
}

interface OpenLink {
  readonly link: MdnsLink
  readonly addresses: readonly string[]
}

const INSTANCE_BYTES = 16

export class Mdns {
  readonly #init: MdnsInit
  readonly #devices: DeviceTable
  readonly #instance: string
  readonly #perSource: TokenBuckets
  readonly #all: TokenBucket
  readonly #links = new Map<string, OpenLink>()
  readonly #listeners = new Set<() => void>()
  #networks: readonly LocalNetwork[] = []
  #wanted = 0
  #timer: TimerHandle | undefined
  #isStopped = false
  #hasWarned = false

  constructor(init: MdnsInit) {
    const { seams, peerId } = init
    this.#init = init
    this.#devices = new DeviceTable(seams.clock, peerId)
    this.#instance = Buffer.from(seams.random.bytes(INSTANCE_BYTES)).toString('hex')
    this.#perSource = TokenBuckets.of(MAX_RATED, seams.clock, MDNS_LIMITS.packetsPerSource)
    this.#all = new TokenBucket(seams.clock, MDNS_LIMITS.packets.perSecond, MDNS_LIMITS.packets.burst)
  }

  start(): void {
    this.refresh()
  }

  /** Devices heard of, the last heard first. */
  devices(): Candidate[] {
    return this.#devices.list()
  }

  /** Networks of this machine as they were a few seconds ago. */
  networks(): readonly LocalNetwork[] {
    return this.#networks
  }

  /** How many there are, on how many of them devices are looked for, and on how many that works. */
  get counts(): { readonly networks: number; readonly wanted: number; readonly listening: number } {
    return { networks: this.#networks.length, wanted: this.#wanted, listening: this.#links.size }
  }

  /** A device answered, and is remembered before unknown ones. */
  proved(peerId: string): void {
    this.#devices.proved(peerId)
  }

  /** Asks on all networks now. */
  ask(): void {
    for (const { link } of this.#links.values()) link.ask()
  }

  /** Calls `listener` when a device is new or has a new address. Returns how to end that. */
  onDevice(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    if (this.#timer !== undefined) this.#init.seams.timers.clear(this.#timer)
    const links = [...this.#links.values()]
    this.#links.clear()
    this.#listeners.clear()
    await Promise.all(links.map(({ link }) => link.close()))
  }

  /** Looks which networks there are, and opens and closes links. Also called by itself, every few seconds. */
  refresh(): void {
    if (this.#isStopped) return
    const { preset, peerId, seams } = this.#init
    if (this.#timer !== undefined) seams.timers.clear(this.#timer)
    this.#timer = seams.timers.set(() => this.refresh(), MDNS_TIMES.interfacesMs)
    this.#networks = localNetworks(preset, this.#interfaces())
    const own = this.#init.addresses()
    const wanted = new Map<string, readonly string[]>()
    for (const network of this.#networks) {
      const addresses = ownAddresses(network, peerId, own)
      // Who listens on some networks only has nothing to do with the others; who listens nowhere may still look around.
      if (addresses.length === 0 && keepsToItself(own)) continue
      wanted.set(network.key, addresses)
      const before = this.#links.get(network.key)
      if (before !== undefined && isDeepStrictEqual(before.addresses, addresses)) continue
      if (before !== undefined) this.#close(network.key, before)
      this.#open(network, addresses)
    }
    this.#wanted = wanted.size
    for (const [key, open] of this.#links) if (!wanted.has(key)) this.#close(key, open)
  }

  #interfaces(): NamedInterfaces {
    try {
      return this.#init.interfaces()
    } catch {
      // Some systems forbid it to programs in a sandbox.
      return {}
    }
  }

  #open(network: LocalNetwork, addresses: readonly string[]): void {
    const link = new MdnsLink({
      network,
      addresses,
      open: this.#init.open,
      seams: this.#init.seams,
      instance: this.#instance,
      admits: (source) => this.#perSource.tryTake(source) && this.#all.tryTake(),
      onHeard: (announcement, source) => this.#heard(announcement, source),
      onFailure: (error) => this.#failed(network.key, link, error),
    })
    this.#links.set(network.key, { link, addresses })
  }

  #close(key: string, { link }: OpenLink): void {
    this.#links.delete(key)
    void link.close()
  }

  /** Tried again at the next look. */
  #failed(key: string, link: MdnsLink, error: Error): void {
    if (this.#links.get(key)?.link === link) this.#links.delete(key)
    const code = systemCode(error)
    if (this.#hasWarned || (code !== 'EADDRINUSE' && code !== 'EACCES')) return
    this.#hasWarned = true
    this.#init.onUnavailable(error)
  }

  #heard(announcement: Announcement, source: string): void {
    if (this.#isStopped || !this.#devices.heard(announcement, source)) return
    for (const listener of this.#listeners) listener()
  }
}
