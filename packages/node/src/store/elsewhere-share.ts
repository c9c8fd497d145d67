/**
 * A share of which this home has the link and not the files: it came along from another home of the same person. It is kept as
 * the dag-cbor list `[root, key, name, bytes]`, one after the other without anything in between; the key is empty when it is public.
 */
import { encode } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import type { CborReader } from '../content/cbor.ts'
import { DAG_CBOR, decodeCid } from '../content/cid.ts'
import { MAX_NAME_BYTES } from '../content/limits.ts'
import { shortened } from '../content/link-hints.ts'
import { SHARE_KEY_BYTES } from '../content/sealed/keys.ts'

export interface ElsewhereShare {
  /** CIDv1 as text. */
  readonly root: string
  /** The share key; null when public. */
  readonly key: Uint8Array | null
  readonly name: string
  /** Sum of file sizes. */
  readonly bytes: number
}

/** Shares that a home takes over from another at most. */
export const MAX_ELSEWHERE_SHARES = 100_000
/** Bytes of them all: 100,000 whose names have 80 characters. */
export const MAX_ELSEWHERE_BYTES = 16_777_216

const FIELDS = 4
const MAX_ROOT_BYTES = 64

/** A name that is longer than a reader takes is shortened at a code point: without it the link is as good. */
export function encodeElsewhere({ root, key, name, bytes }: ElsewhereShare): Uint8Array {
  const short = Buffer.from(shortened(Buffer.from(name.toWellFormed()), MAX_NAME_BYTES)).toString()
  return encode([CID.parse(root).bytes, key ?? new Uint8Array(), short, bytes])
}

/** Shares up to the end of what is read, each content once. Throws as the reader does, and ERR_CONTENT_INVALID. */
export function readElsewhere(reader: CborReader): ElsewhereShare[] {
  const shares = new Map<string, ElsewhereShare>()
  while (!reader.isEnd()) {
    if (shares.size >= MAX_ELSEWHERE_SHARES) throw reader.fail('there are too many shares')
    if (reader.array() !== FIELDS) throw reader.fail('a share has an unknown form')
    const cid = decodeCid(reader.bytes(MAX_ROOT_BYTES))
    const root = cid.toString()
    if (cid.version !== 1 || shares.has(root)) throw reader.fail('a root is named twice')
    const key = reader.bytes(SHARE_KEY_BYTES).slice()
    if (key.byteLength !== (cid.code === DAG_CBOR ? SHARE_KEY_BYTES : 0)) {
      throw reader.fail('a key has another length')
    }
    const name = reader.text(MAX_NAME_BYTES)
    shares.set(root, { root, key: key.byteLength === 0 ? null : key, name, bytes: reader.uint() })
  }
  return [...shares.values()]
}
