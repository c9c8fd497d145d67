/**
 * Peer exchange: those who are connected for the same root tell each other of the others, each only to who proved that it knows
 * the root. What a peer says of others is believed no more than a stranger's record: it is dialled by the rules for those.
 *
 * One for a node: sessions of fetches and of shares take part alike, so that a sharer tells receivers of each other.
 */
import type { CID } from 'multiformats/cid'
import {
  peerIdFromPublicKey,
  publicKeyFromPeerId,
  peerIdBytes,
  publicKeyFromPeerIdBytes,
} from '../../identity/peer-id.ts'
import { parseDiallable } from '../../network/address-rules.ts'
import type { Barred } from '../../network/barred-peers.ts'
import { decodeAddress, encodeAddress } from '../../network/multiaddrs.ts'
import type { Candidate, ProviderSource } from '../../network/provider-source.ts'
import { keepNewest } from '../../util/keep-newest.ts'
import type { Seams, TimerHandle } from '../../util/seams.ts'
import { ShoalError } from '../../errors.ts'
import { MAX_ADDRESSES, MAX_ADDRESS_BYTES, MAX_PEERS } from '../constants.ts'
import type { Message, PeerHint } from '../wire/messages.ts'
import type { Session } from '../wire/session.ts'
import { EXCHANGE_LIMITS as LIMITS } from './swarm-limits.ts'

export interface PeerExchangeInit {
  readonly seams: Pick<Seams, 'timers'>
  /** The id of this node. */
  readonly peerId: string
  /** Where a connected peer says that it listens. Does not reject. */
  readonly addressesOf: (peerId: string) => Promise<readonly string[]>
  readonly barred: Pick<Barred, 'isBarred'>
}

/** What one fetch hears of others of its swarm. */
export interface HeardPeers extends ProviderSource {
  /** An open session of this fetch takes part. */
  join: (session: Session) => void
  /** Calls back when somebody was heard of. */
  onHeard: (callback: () => void) => void
  close: () => void
}

/** One session whose peer is told of others. */
interface Member {
  readonly session: Session
  readonly peerId: string
  /** Of whom it was told. */
  readonly told: Set<string>
  timer: TimerHandle | undefined
  /** It was told of others a moment ago. */
  isPausing: boolean
  messages: number
  /** Devices that it named. */
  readonly named: Set<string>
}

/** Devices that were heard of, by whoever listens for a root. */
class Heard implements HeardPeers {
  readonly name = 'exchange'
  readonly #join: (session: Session) => void
  readonly #close: (heard: Heard) => void
  /** In the order in which they were heard of. */
  readonly #known = new Map<string, readonly string[]>()
  #callback: (() => void) | undefined

  constructor(join: (session: Session) => void, close: (heard: Heard) => void) {
    this.#join = join
    this.#close = close
  }

  join(session: Session): void {
    this.#join(session)
  }

  onHeard(callback: () => void): void {
    this.#callback = callback
  }

  async *find(_digest: Uint8Array, signal: AbortSignal): AsyncIterableIterator<Candidate> {
    // The last first: what others say ages.
    for (const [peerId, addresses] of [...this.#known].toReversed()) {
      if (signal.aborted) return
      yield { peerId, addresses }
    }
  }

  put(peerId: string, addresses: readonly string[]): void {
    this.#known.delete(peerId)
    this.#known.set(peerId, addresses)
    keepNewest(this.#known, LIMITS.maxKnown)
    this.#callback?.()
  }

  close(): void {
    this.#callback = undefined
    this.#close(this)
  }
}

interface Group {
  readonly members: Set<Member>
  readonly listeners: Set<Heard>
}

export class PeerExchange {
  readonly #init: PeerExchangeInit
  readonly #groups = new Map<string, Group>()

  constructor(init: PeerExchangeInit) {
    this.#init = init
  }

  /** Hears who else has a root, until it is closed. */
  listen(root: CID): HeardPeers {
    const key = root.toString()
    const heard = new Heard(
      (session) => this.join(session),
      (ended) => {
        this.#groups.get(key)?.listeners.delete(ended)
        this.#forgetIfEmpty(key)
      },
    )
    this.#group(key).listeners.add(heard)
    return heard
  }

  /** A session is open, and takes part until it ends. */
  join(session: Session): void {
    const peerId = session.remoteName
    const key = session.root.toString()
    // A node that fetches what it shares itself has nobody to tell of.
    if (session.isEnded || peerId === this.#init.peerId) return
    const group = this.#group(key)
    const member: Member = {
      session,
      peerId,
      told: new Set(),
      timer: undefined,
      isPausing: false,
      messages: 0,
      named: new Set(),
    }
    group.members.add(member)
    keepNewest(group.members, LIMITS.maxMembers)
    session.attach({
      payloadFor: () => undefined,
      onMessage: (message) => this.#onMessage(group, member, message),
      onEnd: () => {
        if (member.timer !== undefined) this.#init.seams.timers.clear(member.timer)
        group.members.delete(member)
        this.#forgetIfEmpty(key)
      },
    })
    for (const other of group.members) this.#tellSoon(group, other)
  }

  #onMessage(group: Group, member: Member, message: Message): void {
    if (message.t !== 'peers') return
    if (++member.messages > LIMITS.maxMessages) {
      throw new ShoalError('ERR_PROTOCOL', 'a peer names others without end')
    }
    for (const hint of message.p) {
      const candidate = candidateOf(hint)
      if (candidate === undefined || candidate.peerId === this.#init.peerId) continue
      if (this.#init.barred.isBarred(candidate.peerId)) continue
      const { named } = member
      if (!named.has(candidate.peerId) && named.size >= LIMITS.maxNamedPerSession) return
      named.add(candidate.peerId)
      for (const heard of group.listeners) heard.put(candidate.peerId, candidate.addresses)
    }
  }

  /** Tells a member of the others, now or when it may be told again. */
  #tellSoon(group: Group, member: Member): void {
    if (member.isPausing || this.#untold(group, member).length === 0) return
    member.isPausing = true
    void this.#tell(group, member).finally(() => {
      if (member.session.isEnded) return
      member.timer = this.#init.seams.timers.set(() => {
        member.timer = undefined
        member.isPausing = false
        // Those of whom no address was known yet, and who came since.
        this.#tellSoon(group, member)
      }, LIMITS.tellPauseMs)
    })
  }

  async #tell(group: Group, member: Member): Promise<void> {
    const hints = await Promise.all(
      this.#untold(group, member).map(async (peerId) => ({ peerId, hint: await this.#hintOf(peerId) })),
    )
    if (!member.session.isOpen) return
    const known = hints.flatMap(({ peerId, hint }) => (hint === undefined ? [] : [{ peerId, hint }]))
    if (known.length === 0) return
    for (const { peerId } of known) member.told.add(peerId)
    if (member.told.size > LIMITS.maxTold) member.told.clear()
    member.session.send({ t: 'peers', p: known.map(({ hint }) => hint) })
  }

  /** Of whom a member was not told yet, the newest first. */
  #untold(group: Group, { peerId: own, told }: Member): string[] {
    const others = new Set([...group.members].toReversed().map(({ peerId }) => peerId))
    return [...others]
      .filter((peerId) => peerId !== own && !told.has(peerId) && !this.#init.barred.isBarred(peerId))
      .slice(0, MAX_PEERS)
  }

  async #hintOf(peerId: string): Promise<PeerHint | undefined> {
    const publicKey = publicKeyFromPeerId(peerId)
    if (publicKey === undefined) return undefined
    const addresses = (await this.#init.addressesOf(peerId)).filter(isWorthTelling).map(encodeAddress)
    const a = addresses.filter(({ byteLength }) => byteLength <= MAX_ADDRESS_BYTES).slice(0, MAX_ADDRESSES)
    return a.length === 0 ? undefined : { id: peerIdBytes(publicKey), a }
  }

  #group(key: string): Group {
    let group = this.#groups.get(key)
    if (group === undefined) {
      group = { members: new Set(), listeners: new Set() }
      this.#groups.set(key, group)
    }
    return group
  }

  #forgetIfEmpty(key: string): void {
    const group = this.#groups.get(key)
    if (group !== undefined && group.members.size === 0 && group.listeners.size === 0)
      this.#groups.delete(key)
  }
}

function isWorthTelling(address: string): boolean {
  return (parseDiallable(address)?.port ?? 0) > 0
}

/** A device with addresses that can be dialled, each with its id; undefined when there is none of that. */
function candidateOf({ id, a }: PeerHint): Candidate | undefined {
  const publicKey = publicKeyFromPeerIdBytes(id)
  if (publicKey === undefined) return undefined
  const peerId = peerIdFromPublicKey(publicKey)
  const addresses = a
    .map(decodeAddress)
    .filter((address) => address !== undefined)
    .map((address) => (address.includes('/p2p/') ? address : `${address}/p2p/${peerId}`))
    .filter((address) => address.endsWith(`/p2p/${peerId}`) && isWorthTelling(address))
  return addresses.length === 0 ? undefined : { peerId, addresses }
}
