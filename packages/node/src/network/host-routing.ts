/**
 * The content routing of a libp2p node that a program brought along, such as its DHT: where it is asked who provides
 * something, and told what this node provides.
 */
import { peerIdFromString } from '@libp2p/peer-id'
import type { CID } from 'multiformats/cid'
import { cidOf, RAW } from '../content/cid.ts'
import type { HostLibp2p } from '../options.ts'
import type { Seams } from '../util/seams.ts'
import { Announcer } from './dht/announcer.ts'
import { SEARCH_LIMITS } from './dht/limits.ts'
import type { Routing } from './discovery.ts'
import { withPeerId } from './libp2p-host.ts'
import type { Candidate, ProviderSource } from './provider-source.ts'

export interface HostRoutingInit {
  readonly libp2p: HostLibp2p
  readonly seams: Seams
  /** May this multiaddr be used, said by a stranger? */
  readonly mayUse: (multiaddr: string) => boolean
  /** How often each key is announced again, in milliseconds. */
  readonly reannounceMs: number
}

/** With so few peers connected each newcomer is to hold every key, and an announcement before it came reached nobody. */
const FEW_PEERS = 20

export class HostRouting implements Routing {
  readonly status = undefined
  readonly source: Routing['source']
  readonly announcer: Routing['announcer']
  readonly #init: HostRoutingInit
  readonly #announcements: Announcer
  readonly #end = new AbortController()
  /** The libp2p node has nothing to ask: there is no use in trying again. */
  #isNone = false

  constructor(init: HostRoutingInit) {
    this.#init = init
    this.#announcements = new Announcer({
      seams: init.seams,
      intervalMs: init.reannounceMs,
      announce: (digest, signal) => this.#announce(digest, signal),
      hasPeers: () => this.#canAsk,
      // How many took it is not told.
      wanted: () => 1,
    })
    this.announcer = {
      add: (digest, usedMs) => this.#announcements.add(digest, usedMs),
      remove: (digest) => this.#remove(digest),
      counts: this.#announcements.counts,
    }
    this.source = {
      name: 'dht',
      isReady: () => this.#canAsk,
      find: (digest, signal) => this.#find(digest, signal),
      findAddresses: (peerId, signal) => this.#findAddresses(peerId, signal),
    } satisfies ProviderSource & Routing['source']
  }

  start(): void {
    this.#init.libp2p.addEventListener('peer:identify', this.#onPeer)
    this.#announcements.start()
  }

  async stop(): Promise<void> {
    this.#init.libp2p.removeEventListener('peer:identify', this.#onPeer)
    this.#end.abort(new Error('the node stops'))
    await this.#announcements.stop()
  }

  /** Once it is known what the peer speaks, and with that whether it takes announcements. */
  readonly #onPeer = (): void => {
    this.#announcements.peersCame()
    if (this.#init.libp2p.getPeers().length <= FEW_PEERS) this.#announcements.serverCame()
  }

  get #canAsk(): boolean {
    return !this.#isNone && this.#init.libp2p.getPeers().length > 0
  }

  async *#find(digest: Uint8Array, signal: AbortSignal): AsyncGenerator<Candidate> {
    const { libp2p } = this.#init
    const own = libp2p.peerId.toString()
    try {
      for await (const { id, multiaddrs } of libp2p.contentRouting.findProviders(keyOf(digest), { signal })) {
        if (signal.aborted) return
        const peerId = id.toString()
        if (peerId !== own) yield { peerId, addresses: this.#usable(peerId, multiaddrs) }
      }
    } catch (error) {
      this.#failed(error)
    }
  }

  async #findAddresses(peerId: string, signal: AbortSignal): Promise<readonly string[]> {
    const { libp2p, seams } = this.#init
    const limit = new AbortController()
    const timeout = seams.timers.set(() => limit.abort(), SEARCH_LIMITS.lookupTimeoutMs)
    const ended = AbortSignal.any([signal, limit.signal])
    try {
      const { multiaddrs } = await libp2p.peerRouting.findPeer(peerIdFromString(peerId), { signal: ended })
      return this.#usable(peerId, multiaddrs)
    } catch {
      // Nobody knows it, or there is nobody to ask.
      return []
    } finally {
      seams.timers.clear(timeout)
    }
  }

  #usable(peerId: string, untrusted: readonly { toString: () => string }[]): string[] {
    return untrusted
      .map((address) => withPeerId(address.toString(), peerId))
      .filter(this.#init.mayUse)
      .slice(0, SEARCH_LIMITS.maxAddresses)
  }

  /** The interface does not tell how many took it: whatever does not fail counts as one. */
  async #announce(digest: Uint8Array, signal: AbortSignal): Promise<number> {
    try {
      await this.#init.libp2p.contentRouting.provide(keyOf(digest), { signal })
      return 1
    } catch (error) {
      this.#failed(error)
      return 0
    }
  }

  #remove(digest: Uint8Array): void {
    this.#announcements.remove(digest)
    if (this.#isNone || this.#end.signal.aborted) return
    const { signal } = this.#end
    this.#init.libp2p.contentRouting.cancelReprovide(keyOf(digest), { signal }).catch(() => {})
  }

  #failed(error: unknown): void {
    if (error instanceof Error && error.name === 'NoContentRoutersError') this.#isNone = true
  }
}

/** Of a provider key, as the DHT of a node of Shoal's own has it. */
function keyOf(digest: Uint8Array): CID {
  return cidOf(RAW, digest)
}
