/** What tests outside this package need of libp2p to stand for other peers. */
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { PeerId, PrivateKey } from '@libp2p/interface'

export type { MessageStream, PeerId, Stream, StreamMuxer } from '@libp2p/interface'
export { ping } from '@libp2p/ping'

/** 64 bytes: Ed25519 seed and public key. */
export async function newPrivateKey(): Promise<Uint8Array> {
  return (await generateKeyPair('Ed25519')).raw
}

export async function newPeerId(): Promise<PeerId> {
  return peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
}

/** A key of another kind than nodes of Shoal have. */
export async function newForeignKey(): Promise<PrivateKey> {
  return generateKeyPair('secp256k1')
}
