/** Peers of the table whose ids were made to lie close to one key, and which keep its records to themselves. */
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { PeerId, PrivateKey } from '@libp2p/interface'
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
 * What sybils do. All take records and forget them. `passive`: else they answer as they should. `closer`: they name each
 * other alone as closer peers. `providers`: they name invented providers as well, each others of its own.
 */
export type Mischief = 'passive' | 'closer' | 'providers'

interface Answer {
  readonly type: string
  readonly key?: Uint8Array
  readonly closer: readonly { readonly id: Uint8Array; readonly multiaddrs: readonly Uint8Array[] }[]
  readonly providers: Answer['closer']
}

interface Handler {
  handle: (from: PeerId, request: { type: string; key?: Uint8Array }) => Promise<Answer | undefined>
}

const NAMED = 20

export async function startSybils(
  keys: readonly PrivateKey[],
  subnets: number,
  mischief: Mischief,
): Promise<Libp2p[]> {
  const crowd: Answer['closer'][number][] = []
  const sybils: Libp2p[] = []
  for (const [i, privateKey] of keys.entries()) {
    const host = `127.200.${i % subnets}.${1 + Math.floor(i / subnets)}`
    const libp2p = await startBare(undefined, { privateKey, host })
    const id = libp2p.peerId.toMultihash().bytes
    crowd.push({ id, multiaddrs: libp2p.getMultiaddrs().map(({ bytes }) => bytes) })
    misbehave(libp2p.services.dht, mischief, crowd, await inventedProviders(mischief, i))
    sybils.push(libp2p)
  }
  return sybils
}

function misbehave(
  kad: KadDHT,
  mischief: Mischief,
  crowd: Answer['closer'],
  providers: Answer['providers'],
): void {
  const { handlers } = (kad as unknown as { rpc: { handlers: Record<string, Handler> } }).rpc
  const handlerOf = (type: string): Handler => handlers[type] as Handler
  handlerOf('ADD_PROVIDER').handle = () => Promise.resolve(undefined)
  if (mischief === 'passive') return
  let turn = 0
  const closer = (): Answer['closer'] =>
    Array.from({ length: Math.min(NAMED, crowd.length) }, () => crowd[turn++ % crowd.length]!)
  handlerOf('FIND_NODE').handle = (_from, request) =>
    Promise.resolve({ ...request, closer: closer(), providers: [] })
  handlerOf('GET_PROVIDERS').handle = (_from, request) =>
    Promise.resolve({ ...request, closer: closer(), providers })
}

/** At addresses where nobody is. */
async function inventedProviders(mischief: Mischief, sybil: number): Promise<Answer['providers']> {
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
