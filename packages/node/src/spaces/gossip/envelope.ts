/**
 * What is told in a space, sealed: who is connected and no member learns that something was said, about how much, and when.
 *
 * `nonce (24) || XChaCha20-Poly1305(key, nonce, topic and space, plain)`; plain is `kind || count || (u32be length || frame)... ||
 * zeros`. That it opens proves that a member sealed it, or somebody who was one; who wrote a frame stands in the frame.
 */
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { padme } from '../../content/sealed/format.ts'
import { ShoalError } from '../../errors.ts'
import type { Random } from '../../util/seams.ts'
import { bind, derive } from '../keys/derive.ts'
import {
  MAX_GOSSIP_FRAME_BYTES,
  MAX_GOSSIP_FRAMES,
  MAX_GOSSIP_PLAIN_BYTES,
  MIN_GOSSIP_PLAIN_BYTES,
} from './limits.ts'

const LABEL = 'shoal/space-gossip/1'
const NONCE_BYTES = 24
const TAG_BYTES = 16
const LENGTH_BYTES = 4

/** `batch`: one batch of the catalogue. `auth`: operations of the auth log. */
export type GossipKind = 'batch' | 'auth'

interface KindBounds {
  readonly code: number
  readonly maxFrames: number
  readonly maxBytes: number
}

const KINDS: Readonly<Record<GossipKind, KindBounds>> = {
  batch: { code: 1, maxFrames: 1, maxBytes: MAX_GOSSIP_FRAME_BYTES },
  auth: { code: 2, maxFrames: MAX_GOSSIP_FRAMES, maxBytes: MAX_GOSSIP_FRAME_BYTES },
}

/** Bytes of the longest message. */
export const MAX_SEALED_GOSSIP_BYTES: number = NONCE_BYTES + padme(MAX_GOSSIP_PLAIN_BYTES) + TAG_BYTES

export interface GossipMessage {
  readonly kind: GossipKind
  readonly frames: readonly Uint8Array[]
}

/** What a message is for: a space, by the key of one of its epochs, under a name of that. */
export interface GossipSeal {
  readonly key: Uint8Array
  readonly aad: Uint8Array
}

export function gossipSeal(space: Uint8Array, epochKey: Uint8Array, topic: string): GossipSeal {
  return { key: derive(epochKey, LABEL, 'message', space), aad: bind(LABEL, space, topic) }
}

/** Can it be told by gossip at all? What cannot goes by synchronising. */
export function fitsGossip({ kind, frames }: GossipMessage): boolean {
  const { maxFrames, maxBytes } = KINDS[kind]
  const bytes = frames.reduce((sum, { byteLength }) => sum + byteLength, 0)
  return frames.length >= 1 && frames.length <= maxFrames && bytes <= maxBytes
}

/** @throws ShoalError ERR_LIMIT for what does not fit */
export function sealGossip({ key, aad }: GossipSeal, message: GossipMessage, random: Random): Uint8Array {
  if (!fitsGossip(message)) {
    throw new ShoalError(
      'ERR_LIMIT',
      `gossip of a space has at most ${MAX_GOSSIP_FRAME_BYTES} bytes in one message`,
    )
  }
  const { kind, frames } = message
  const length = frames.reduce((sum, { byteLength }) => sum + LENGTH_BYTES + byteLength, 2)
  const plain = Buffer.alloc(Math.max(MIN_GOSSIP_PLAIN_BYTES, padme(length)))
  plain[0] = KINDS[kind].code
  plain[1] = frames.length
  let at = 2
  for (const frame of frames) {
    at = plain.writeUInt32BE(frame.byteLength, at)
    plain.set(frame, at)
    at += frame.byteLength
  }
  const nonce = random.bytes(NONCE_BYTES)
  return new Uint8Array(Buffer.concat([nonce, xchacha20poly1305(key, nonce, aad).encrypt(plain)]))
}

/**
 * What a message says. Undefined: no member sealed it for this. `unknown`: of a kind that this version does not know.
 * `malformed`: no version seals such a one.
 */
export function openGossip(
  { key, aad }: GossipSeal,
  sealed: Uint8Array,
): GossipMessage | 'unknown' | 'malformed' | undefined {
  const { byteLength } = sealed
  if (byteLength < NONCE_BYTES + TAG_BYTES + MIN_GOSSIP_PLAIN_BYTES) return undefined
  if (byteLength > MAX_SEALED_GOSSIP_BYTES) return undefined
  try {
    const cipher = xchacha20poly1305(key, sealed.subarray(0, NONCE_BYTES), aad)
    return read(cipher.decrypt(sealed.subarray(NONCE_BYTES)))
  } catch {
    return undefined
  }
}

function read(plain: Uint8Array): GossipMessage | 'unknown' | 'malformed' {
  const bytes = Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength)
  const kind = kindOf(bytes.readUInt8(0))
  if (kind === undefined) return 'unknown'
  const frames: Uint8Array[] = []
  let at = 2
  for (let left = bytes.readUInt8(1); left > 0; left--) {
    if (at + LENGTH_BYTES > bytes.length) return 'malformed'
    const length = bytes.readUInt32BE(at)
    at += LENGTH_BYTES
    if (length > bytes.length - at) return 'malformed'
    frames.push(plain.subarray(at, at + length))
    at += length
  }
  const message = { kind, frames }
  const isPadded = bytes.length === Math.max(MIN_GOSSIP_PLAIN_BYTES, padme(at))
  if (!isPadded || !fitsGossip(message) || plain.subarray(at).some((byte) => byte !== 0)) return 'malformed'
  return message
}

function kindOf(code: number): GossipKind | undefined {
  return (Object.keys(KINDS) as GossipKind[]).find((kind) => KINDS[kind].code === code)
}
