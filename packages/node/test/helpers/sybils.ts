/** Peers of the table whose ids were made to lie close to one key, and which keep its records to themselves. */
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { stop, type PeerId, type PrivateKey, type Startable } from '@libp2p/interface'
import type { KadDHT } from '@libp2p/kad-dht'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { Libp2p } from 'libp2p'
import { cidOf, RAW, sha256 } from '../../src/content/cid.ts'
import { startBare } from './dht-net.ts'

/** PKCS #8 of an Ed25519 key, up to its seed; and what a peer id has before the key: an identity multihash of a protobuf. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const PEER_ID = Buffer.from('002408011220', 'hex')

/** Where a provider key lies in the space of the table. */
export function placeOf(digest: Uint8Array): Uint8Array {
  return sha256(cidOf(RAW, digest).multihash.bytes)
}

function sharedBits(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) {
    const differing = (a[i] as number) ^ (b[i] as number)
    if (differing !== 0) return i * 8 + Math.clz32(differing) - 24
  }
  return a.length * 8
}

/**
 * Private keys of ids that share at least so many leading bits with a place, or, for `isFar`, fewer.
 *
 * @param name other keys for each name
 */
export async function groundKeys(
  name: string,
  place: Uint8Array,
  bits: number,
  count: number,
  isFar = false,
): Promise<PrivateKey[]> {
  const keys: PrivateKey[] = []
  for (let number = 0; keys.length < count; number++) {
    const seed = sha256(Buffer.from(`${name} ${number}`))
    const secret = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
    const raw = createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(-32)
    if (sharedBits(sha256(PEER_ID, raw), place) >= bits === isFar) continue
    keys.push(await generateKeyPairFromSeed('Ed25519', seed))
  }
  return keys
}

/**
 * What sybils do. All take records and forget them. `passive`: they name whoever lies closest, as they should, and no
 * provider. `closer`: they name each other alone. `providers`: that, and providers that they invented, each its own.
 */
export type Mischief = 'passive' | 'closer' | 'providers'

interface Named {
  readonly id: Uint8Array
  readonly multiaddrs: readonly Uint8Array[]
}

interface Request {
  readonly type: string
  readonly key?: Uint8Array
}

interface Answer extends Request {
  readonly closer: readonly Named[]
  readonly providers: readonly Named[]
}

interface Handler {
  handle: (from: PeerId, request: Request) => Promise<Answer | undefined>
}

/** What is reached into of kad-dht. */
interface Inside {
  readonly rpc: { readonly handlers: Record<string, Handler> }
  readonly querySelf: Startable
  readonly topologyListener: Startable
  readonly routingTableRefresh: Startable
}

const NAMED = 20

/** @param others honest peers, whom those that are passive name as well */
export async function startSybils(
  keys: readonly PrivateKey[],
  subnets: number,
  mischief: Mischief,
  others: readonly Libp2p[],
): Promise<Libp2p[]> {
  const named = mischief === 'passive' ? others.map(namedOf) : []
  const sybils: Libp2p[] = []
  for (const [i, privateKey] of keys.entries()) {
    const host = `127.200.${i % subnets}.${1 + Math.floor(i / subnets)}`
    const libp2p = await startBare(undefined, { privateKey, host })
    named.push(namedOf(libp2p))
    await misbehave(libp2p.services.dht, mischief, named, await inventedProviders(mischief, i))
    sybils.push(libp2p)
  }
  return sybils
}

function namedOf(libp2p: Libp2p): Named {
  return {
    id: libp2p.peerId.toMultihash().bytes,
    multiaddrs: libp2p.getMultiaddrs().map(({ bytes }) => bytes),
  }
}

async function misbehave(
  kad: KadDHT,
  mischief: Mischief,
  named: readonly Named[],
  invented: readonly Named[],
): Promise<void> {
  const { rpc, querySelf, topologyListener, routingTableRefresh } = kad as unknown as Inside
  // It answers, and does nothing of its own: a process can hold more of them.
  await stop(querySelf, topologyListener, routingTableRefresh)
  const closer = (key: Uint8Array): Named[] => {
    const place = sha256(key)
    const distance = ({ id }: Named): Uint8Array => sha256(id).map((byte, i) => byte ^ (place[i] as number))
    return named
      .map((peer) => ({ peer, distance: distance(peer) }))
      .toSorted((a, b) => Buffer.compare(a.distance, b.distance))
      .slice(0, NAMED)
      .map(({ peer }) => peer)
  }
  const answer = (request: Request, providers: readonly Named[]): Promise<Answer> =>
    Promise.resolve({ ...request, closer: closer(request.key ?? new Uint8Array()), providers })
  const providers = mischief === 'providers' ? invented : []
  Object.assign(rpc.handlers, {
    ADD_PROVIDER: { handle: () => Promise.resolve(undefined) },
    FIND_NODE: { handle: (_from, request) => answer(request, []) },
    GET_PROVIDERS: { handle: (_from, request) => answer(request, providers) },
  } satisfies Record<string, Handler>)
}

/** At addresses where nobody is. */
async function inventedProviders(mischief: Mischief, sybil: number): Promise<Named[]> {
  if (mischief !== 'providers') return []
  return Promise.all(
    Array.from({ length: NAMED }, async (_, i) => {
      const seed = sha256(Buffer.from(`invented ${sybil} ${i}`))
      const id = peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', seed))
      const address = multiaddr(`/ip4/127.201.${sybil}.${1 + i}/tcp/9`)
      return { id: id.toMultihash().bytes, multiaddrs: [address.bytes] }
    }),
  )
}
