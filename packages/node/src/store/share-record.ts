/**
 * The record of a share: one file that holds all that is needed to serve it again without walking or hashing.
 * `magic || u32be version || u32be head length || head || manifest || facts || digests || sha-256 of all before`;
 * the head is a dag-cbor list, the manifest the list of entries as a sealed share carries it, facts are three numbers
 * of 64 bits for each file. Described in docs/store.md.
 */
import { encode } from '@ipld/dag-cbor'
import type { CID } from 'multiformats/cid'
import { CborReader } from '../content/cbor.ts'
import { DIGEST_BYTES, decodeCid, digestsEqual, sha256 } from '../content/cid.ts'
import type { Entry } from '../content/entry.ts'
import { PLAIN_BLOCK_BYTES } from '../content/sealed/format.ts'
import { SHARE_KEY_BYTES } from '../content/sealed/keys.ts'
import { decodePage } from '../content/sealed/manifest.ts'
import { ShoalError } from '../errors.ts'
import type { FileFacts } from './disk.ts'
import type { ShareSpec } from './share-lookup.ts'
import { locatorOf } from './shared-paths.ts'
import type { WalkedEntry } from './walk-facts.ts'

/** What a share is and where it came from: as much as the index keeps of it. */
export interface RecordHead extends ShareSpec {
  readonly root: CID
  /** The share key; absent when public. */
  readonly key?: Uint8Array
  readonly kind: 'file' | 'folder'
  /** Sum of file sizes. */
  readonly bytes: number
  /** Milliseconds since 1970. */
  readonly madeMs: number
}

export interface ShareRecord extends RecordHead {
  /** Files and folders; the facts of the files are those under which their bytes were last seen to be right. */
  readonly entries: readonly WalkedEntry[]
  /** The list of entries as it was sealed, unpadded at its end. */
  readonly manifest: Uint8Array
  /** 32 bytes each: of all blocks of a sealed share, of the leaves of a public one in the order of its entries. */
  readonly digests: Uint8Array
}

const MAGIC = Buffer.from('shoal/share\n')
/** Of a share of one path, and of several; the first is what Shoal wrote before there could be several. */
const VERSION_ONE = 1
const VERSION_SEVERAL = 2
const FACTS_BYTES = 24
const HEAD_AT = MAGIC.byteLength + 8
const NO_FACTS = { size: 0, mtimeNs: 0n, ctimeNs: 0n, inode: 0n } as const

export function encodeRecord(record: ShareRecord): Uint8Array {
  const { root, key, paths, name, isPublic, preserve, exclude, kind, bytes, madeMs } = record
  const { manifest, digests } = record
  const head = encode([
    root.bytes,
    key ?? new Uint8Array(),
    paths.length === 1 ? paths[0] : paths,
    name,
    isPublic,
    preserve,
    exclude,
    kind,
    bytes,
    madeMs,
    manifest.byteLength,
    digests.byteLength,
  ])
  const facts = encodeFacts(record.entries)
  const fixed = new Uint8Array(8)
  new DataView(fixed.buffer).setUint32(0, paths.length === 1 ? VERSION_ONE : VERSION_SEVERAL)
  new DataView(fixed.buffer).setUint32(4, head.byteLength)
  const parts = [MAGIC, fixed, head, manifest, facts, digests]
  return new Uint8Array(Buffer.concat([...parts, sha256(...parts)]))
}

/** @throws ShoalError ERR_HOME_INVALID when this is no record, was damaged, or comes from a newer version */
export function decodeHead(bytes: Uint8Array): RecordHead {
  return readHead(bytes).head
}

/** @throws ShoalError as `decodeHead` */
export function decodeRecord(bytes: Uint8Array): ShareRecord {
  const { head, end, manifestBytes, digestBytes } = readHead(bytes)
  const manifest = bytes.subarray(end, end + manifestBytes)
  const plain = readManifest(manifest)
  const factsAt = end + manifestBytes
  const files = plain.reduce((count, entry) => count + (entry.kind === 'file' ? 1 : 0), 0)
  const digestsAt = factsAt + files * FACTS_BYTES
  if (digestsAt + digestBytes !== bytes.byteLength - DIGEST_BYTES) throw damaged('its parts do not fit')
  const view = new DataView(bytes.buffer, bytes.byteOffset + factsAt, files * FACTS_BYTES)
  let at = -FACTS_BYTES
  const locationOf = locatorOf(head.paths)
  const entries = plain.map((entry): WalkedEntry => {
    if (entry.kind === 'file') at += FACTS_BYTES
    const location = locationOf(entry.path)
    if (location === undefined) throw damaged('an entry lies at none of its paths')
    return {
      ...entry,
      mtimeMs: entry.mtimeMs ?? 0,
      executable: entry.executable ?? false,
      ...location,
      facts: decodeFacts(entry, view, at),
    }
  })
  return { ...head, entries, manifest, digests: bytes.subarray(digestsAt, digestsAt + digestBytes) }
}

interface HeadInPlace {
  readonly head: RecordHead
  /** Where the manifest begins. */
  readonly end: number
  readonly manifestBytes: number
  readonly digestBytes: number
}

function readHead(bytes: Uint8Array): HeadInPlace {
  const end = bytes.byteLength - DIGEST_BYTES
  if (end < HEAD_AT || Buffer.compare(bytes.subarray(0, MAGIC.byteLength), MAGIC) !== 0) {
    throw damaged('it does not begin like one')
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = view.getUint32(MAGIC.byteLength)
  if (version > VERSION_SEVERAL) throw damaged('a newer version of Shoal wrote it')
  if (!digestsEqual(sha256(bytes.subarray(0, end)), bytes.subarray(end))) {
    throw damaged('it is not what was written')
  }
  const headEnd = HEAD_AT + view.getUint32(MAGIC.byteLength + 4)
  const reader = new CborReader(bytes.subarray(HEAD_AT, headEnd), 'ERR_HOME_INVALID', 'record of a share')
  if (reader.array() !== 12) throw damaged('its head has an unknown form')
  const root = decodeCid(reader.bytes())
  const key = reader.bytes().slice()
  const paths = version === VERSION_ONE ? [reader.text()] : readTexts(reader)
  const name = reader.text()
  const isPublic = reader.bool()
  const preserve = reader.bool()
  const exclude = readTexts(reader)
  const kind = reader.text() === 'file' ? 'file' : 'folder'
  const [size, madeMs, manifestBytes, digestBytes] = [
    reader.uint(),
    reader.uint(),
    reader.uint(),
    reader.uint(),
  ]
  reader.end()
  if (key.byteLength !== (isPublic ? 0 : SHARE_KEY_BYTES)) throw damaged('its key has another length')
  const head: RecordHead = { root, paths, name, isPublic, preserve, exclude, kind, bytes: size, madeMs }
  return {
    head: key.byteLength === 0 ? head : { ...head, key },
    end: headEnd,
    manifestBytes,
    digestBytes,
  }
}

function readTexts(reader: CborReader): string[] {
  return Array.from({ length: reader.array() }, () => reader.text())
}

function readManifest(manifest: Uint8Array): Entry[] {
  const entries: Entry[] = []
  for (let at = 0; at < manifest.byteLength; at += PLAIN_BLOCK_BYTES) {
    const page = decodePage(manifest.subarray(at, at + PLAIN_BLOCK_BYTES), at === 0)
    for (const entry of page?.entries ?? []) entries.push(entry)
  }
  return entries
}

function encodeFacts(entries: readonly WalkedEntry[]): Uint8Array {
  const files = entries.filter((entry) => entry.kind === 'file')
  const bytes = new Uint8Array(files.length * FACTS_BYTES)
  const view = new DataView(bytes.buffer)
  files.forEach(({ facts }, i) => {
    view.setBigInt64(i * FACTS_BYTES, facts.mtimeNs)
    view.setBigInt64(i * FACTS_BYTES + 8, facts.ctimeNs)
    view.setBigUint64(i * FACTS_BYTES + 16, facts.inode)
  })
  return bytes
}

function decodeFacts(entry: Entry, view: DataView, at: number): FileFacts {
  const { kind, size, executable = false } = entry
  // Only files are compared: a folder's time changes with every file that an editor saves in it.
  if (kind === 'folder') return { ...NO_FACTS, kind, executable }
  return {
    kind,
    size,
    executable,
    mtimeNs: view.getBigInt64(at),
    ctimeNs: view.getBigInt64(at + 8),
    inode: view.getBigUint64(at + 16),
  }
}

function damaged(why: string): ShoalError {
  return new ShoalError('ERR_HOME_INVALID', `this is no record of a share that Shoal can read: ${why}`)
}
