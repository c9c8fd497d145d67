/** Devices that were heard of on the local network. Who sends can make up as many as it likes, so the table is bounded. */
import { keepNewest } from '../../util/keep-newest.ts'
import type { Clock } from '../../util/seams.ts'
import type { Candidate } from '../provider-source.ts'
import type { Announcement } from './announcement.ts'
import { MDNS_LIMITS } from './limits.ts'
import { hostOf } from './local-networks.ts'

interface Device {
  readonly peerId: string
  /** IP address that it was first heard from. */
  readonly source: string
  /** By host: one port each, the newest. The value says until when it holds, monotonic milliseconds. */
  readonly addresses: Map<string, { readonly address: string; readonly untilMs: number }>
  /** It answered us: not one that somebody made up. */
  isProven: boolean
}

export class DeviceTable {
  readonly #clock: Clock
  readonly #ownId: string
  /** In the order in which they were last heard, so that the first is the one longest silent. */
  readonly #devices = new Map<string, Device>()

  constructor(clock: Clock, ownId: string) {
    this.#clock = clock
    this.#ownId = ownId
  }

  /** Takes in what was said from an IP address. True when a device is new or has a new address. */
  heard({ peerId, addresses, ttlSeconds }: Announcement, source: string): boolean {
    if (peerId === this.#ownId) return false
    const known = this.#current(peerId)
    if (ttlSeconds === 0) {
      if (known !== undefined) this.#goodbye(known, addresses, source)
      return false
    }
    const device = known ?? this.#make(peerId, source)
    this.#devices.delete(peerId)
    this.#devices.set(peerId, device)
    const untilMs = this.#clock.monotonic() + ttlSeconds * 1_000
    let isNew = known === undefined
    for (const address of addresses) {
      const host = hostOf(address)
      if (host === undefined) continue
      if (device.addresses.get(host)?.address !== address) isNew = true
      device.addresses.delete(host)
      device.addresses.set(host, { address, untilMs })
      keepNewest(device.addresses, MDNS_LIMITS.maxAddresses)
    }
    return isNew
  }

  /** Notes that a device answered: it is not forgotten in favour of unknown ones. */
  proved(peerId: string): void {
    const device = this.#devices.get(peerId)
    if (device !== undefined) device.isProven = true
  }

  /** Devices that what was heard of still holds for, the last heard first. */
  list(): Candidate[] {
    this.#dropExpired()
    const candidates: Candidate[] = []
    for (const { peerId, addresses } of this.#devices.values()) {
      candidates.push({
        peerId,
        addresses: Array.from(addresses.values(), ({ address }) => address).toReversed(),
      })
    }
    return candidates.toReversed()
  }

  get size(): number {
    return this.#devices.size
  }

  #current(peerId: string): Device | undefined {
    const device = this.#devices.get(peerId)
    return device === undefined || this.#isAlive(device) ? device : undefined
  }

  /** From its own address, or where it came from: a stranger does not send the others away. */
  #goodbye(device: Device, addresses: readonly string[], source: string): void {
    for (const address of addresses) {
      const host = hostOf(address)
      if (host !== undefined && (host === source || device.source === source)) device.addresses.delete(host)
    }
    // It may be left on another network.
    if (device.addresses.size === 0) this.#devices.delete(device.peerId)
  }

  #make(peerId: string, source: string): Device {
    this.#devices.delete(peerId)
    if (this.#devices.size >= MDNS_LIMITS.maxDevices) this.#dropExpired()
    if (this.#countFrom(source) >= MDNS_LIMITS.maxDevicesPerSource) this.#forgetOne(source)
    if (this.#devices.size >= MDNS_LIMITS.maxDevices) this.#forgetOne()
    return { peerId, source, addresses: new Map(), isProven: false }
  }

  #countFrom(source: string): number {
    let count = 0
    for (const device of this.#devices.values()) if (device.source === source) count++
    return count
  }

  /** Forgets the device longest silent, of one source or of all, and one that answered only when all did. */
  #forgetOne(source?: string): void {
    let first: string | undefined
    for (const [peerId, device] of this.#devices) {
      if (source !== undefined && device.source !== source) continue
      first ??= peerId
      if (device.isProven) continue
      first = peerId
      break
    }
    if (first !== undefined) this.#devices.delete(first)
  }

  #dropExpired(): void {
    for (const [peerId, device] of this.#devices) if (!this.#isAlive(device)) this.#devices.delete(peerId)
  }

  /** Drops addresses that no longer hold; without any the device is gone. */
  #isAlive(device: Device): boolean {
    const nowMs = this.#clock.monotonic()
    for (const [host, { untilMs }] of device.addresses) if (untilMs <= nowMs) device.addresses.delete(host)
    return device.addresses.size > 0
  }
}
