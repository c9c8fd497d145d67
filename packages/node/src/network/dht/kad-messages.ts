/** Single messages of kad-dht 16 to single peers, through its own network: what its queries are made of. */
import type { PeerId, PeerInfo } from '@libp2p/interface'
import type { KadDHT, QueryEvent } from '@libp2p/kad-dht'

interface WirePeer {
  readonly id: Uint8Array
  readonly multiaddrs: readonly Uint8Array[]
}

interface Message {
  readonly type: 'ADD_PROVIDER' | 'FIND_NODE' | 'GET_PROVIDERS'
  /** A multihash. */
  readonly key: Uint8Array
  readonly providers?: readonly WirePeer[]
}

interface MessageOptions {
  readonly signal: AbortSignal
  readonly path: {
    readonly index: number
    readonly queued: number
    readonly running: number
    readonly total: number
  }
}

interface KadNetwork {
  sendRequest: (to: PeerId, message: Message, options: MessageOptions) => AsyncIterable<QueryEvent>
  sendMessage: (to: PeerId, message: Message, options: MessageOptions) => AsyncIterable<QueryEvent>
}

export interface Answer {
  readonly closer: readonly PeerInfo[]
  readonly providers: readonly PeerInfo[]
}

const NO_PATH = { index: -1, queued: 0, running: 0, total: 0 }

/** Its type declarations leave out what its objects have. */
function networkOf(kad: KadDHT): KadNetwork {
  return (kad as KadDHT & { network: KadNetwork }).network
}

/** @returns undefined when there was no answer. Does not throw */
export async function request(
  kad: KadDHT,
  to: PeerId,
  message: Message,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  try {
    for await (const event of networkOf(kad).sendRequest(to, message, { signal, path: NO_PATH })) {
      if (event.name === 'PEER_RESPONSE') return { closer: event.closer, providers: event.providers }
    }
  } catch {
    // Like one that does not answer.
  }
  return undefined
}

/** @returns whether the other took it, as far as that can be told. Does not throw */
export async function tell(kad: KadDHT, to: PeerId, message: Message, signal: AbortSignal): Promise<boolean> {
  try {
    for await (const event of networkOf(kad).sendMessage(to, message, { signal, path: NO_PATH })) {
      if (event.name === 'PEER_RESPONSE') return true
    }
  } catch {
    // Like one that does not take it.
  }
  return false
}
