/**
 * Keeps the routing table diverse: few peers of one subnet in a bucket and in the whole table, so that who has many ids but
 * few addresses cannot fill it. kad-dht has no hook for this; but each peer passes `verify` of its k-buckets before it is
 * added, when it has just answered a ping and so is connected: the address judged is the one that it really has.
 */
import type { PeerId } from '@libp2p/interface'
import type { Clock } from '../../util/seams.ts'
import type { Buckets, TablePeer } from './kad-table.ts'
import { SUBNET_LIMITS } from './limits.ts'
import type { PeerSubnets } from './peer-subnets.ts'

export interface DiversityInit {
  readonly clock: Clock
  readonly subnets: PeerSubnets
  readonly limits?: { readonly maxPerBucket: number; readonly maxPerTable: number }
}

/** A peer that passed, but is not in its bucket yet. */
const GRACE_MS = 10_000

interface Member {
  readonly kadId: Uint8Array
  readonly admittedMs: number
}

export class Diversity {
  readonly #buckets: Buckets
  readonly #init: DiversityInit
  readonly #limits: { readonly maxPerBucket: number; readonly maxPerTable: number }
  /** Members by subnet and peer id: `maxPerTable` in each, `maxSubnets` and those in the table at most. */
  readonly #subnets = new Map<string, Map<string, Member>>()

  constructor(buckets: Buckets, init: DiversityInit) {
    this.#buckets = buckets
    this.#init = init
    this.#limits = init.limits ?? SUBNET_LIMITS
    const verify = buckets.verify
    buckets.verify = async (peer, options) => (await verify(peer, options)) && this.admits(peer)
  }

  /** May this peer be in the table? Counts it if so. */
  admits(peer: TablePeer): boolean {
    const subnets = this.#init.subnets.of(peer.peerId)
    const id = peer.peerId.toString()
    for (const subnet of subnets) {
      if (!this.#hasRoom(subnet, id, peer.kadId)) return false
    }
    if (this.#subnets.size >= SUBNET_LIMITS.maxSubnets) this.#forgetGone()
    const member: Member = { kadId: peer.kadId, admittedMs: this.#init.clock.monotonic() }
    for (const subnet of subnets) {
      const members = this.#subnets.get(subnet)
      if (members === undefined) this.#subnets.set(subnet, new Map([[id, member]]))
      else members.set(id, member)
    }
    return true
  }

  /** To be called when a peer left the table. */
  removed(peerId: PeerId): void {
    const id = peerId.toString()
    for (const [subnet, members] of this.#subnets) {
      members.delete(id)
      if (members.size === 0) this.#subnets.delete(subnet)
    }
  }

  #hasRoom(subnet: string, id: string, kadId: Uint8Array): boolean {
    const members = this.#subnets.get(subnet)
    if (members === undefined || members.has(id)) return true
    const depth = this.#depthOf(kadId)
    let inBucket = 0
    for (const [other, member] of members) {
      if (this.#isGone(member)) members.delete(other)
      else if (sharesPrefix(member.kadId, kadId, depth)) inBucket++
    }
    return members.size < this.#limits.maxPerTable && inBucket < this.#limits.maxPerBucket
  }

  #isGone(member: Member): boolean {
    const isPending = this.#init.clock.monotonic() - member.admittedMs < GRACE_MS
    return !isPending && this.#buckets.get(member.kadId) === undefined
  }

  #forgetGone(): void {
    for (const [subnet, members] of this.#subnets) {
      for (const [id, member] of members) if (this.#isGone(member)) members.delete(id)
      if (members.size === 0) this.#subnets.delete(subnet)
    }
  }

  /** How many bits the ids in the bucket for this one share. */
  #depthOf(kadId: Uint8Array): number {
    let bucket = this.#buckets.root
    let depth = 0
    // A bucket that was split loses its own `depth` when it is the root.
    for (; bucket.left !== undefined && bucket.right !== undefined; depth++) {
      bucket = bitAt(kadId, depth) === 0 ? bucket.left : bucket.right
    }
    return depth
  }
}

function bitAt(kadId: Uint8Array, bit: number): number {
  return ((kadId[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1
}

function sharesPrefix(a: Uint8Array, b: Uint8Array, bits: number): boolean {
  for (let bit = 0; bit < bits; bit++) {
    if (bitAt(a, bit) !== bitAt(b, bit)) return false
  }
  return true
}
