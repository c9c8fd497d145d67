/**
 * The manifest part of a sealed share: which files and folders the data part holds. Each block is one page that
 * can be read by itself: `u32be length || dag-cbor {o, e} || zeros`; length 0 is padding. The first page also
 * carries what the whole share is called and how much it holds.
 */
import { encode } from '@ipld/dag-cbor'
import { ShoalError } from '../../errors.ts'
import { CborReader } from '../cbor.ts'
import { comparePaths, type Entry, type EntryKind } from '../entry.ts'
import { MAX_ENTRIES, MAX_PATH_BYTES } from '../limits.ts'
import { PLAIN_BLOCK_BYTES } from './format.ts'

const LENGTH_BYTES = 4
const PAGE_CBOR_BYTES = PLAIN_BLOCK_BYTES - LENGTH_BYTES
/** dag-cbor bytes that the envelope of a page without entries may take besides its name. */
const MAX_SHARE_NAME_BYTES = 255

/** What the first page says of the whole share. */
export interface ManifestHead {
  readonly name: string
  readonly kind: EntryKind
  /** Files and folders. */
  readonly entries: number
  /** Sum of file sizes in bytes. */
  readonly bytes: number
}

function entryTuple(entry: Entry): [string, EntryKind, number, number, boolean] {
  return [entry.path, entry.kind, entry.size, Math.floor(entry.mtimeMs ?? 0), entry.executable ?? false]
}

/**
 * The pages of a manifest, unpadded: each `u32be length || dag-cbor`. All but the last are to be padded with zeros
 * to a full block.
 *
 * @param entries in the order of `comparePaths`
 */
export function* encodePages(
  name: string,
  kind: EntryKind,
  entries: readonly Entry[],
): Generator<Uint8Array> {
  let bytes = 0
  for (const entry of entries) bytes += entry.size
  const head: ManifestHead = { name, kind, entries: entries.length, bytes }
  let offset = 0
  let next = 0
  let first = true
  do {
    const pageOffset = offset
    const tuples: ReturnType<typeof entryTuple>[] = []
    // The count of entries is encoded in at most 3 more bytes than the 1 that an empty list takes (1-byte head
    // up to 23, 2 up to 255, 3 up to 65,535; a page cannot hold more than 65,535 entries of 16 bytes).
    let used = encode(first ? { ...head, o: pageOffset, e: [] } : { o: pageOffset, e: [] }).byteLength
    while (next < entries.length) {
      const entry = entries[next] as Entry
      const tuple = entryTuple(entry)
      const added = encode(tuple).byteLength
      const listHead = headBytes(tuples.length + 1) - 1
      if (used + added + listHead > PAGE_CBOR_BYTES) break
      used += added
      offset += entry.size
      tuples.push(tuple)
      next++
    }
    const cbor = encode(first ? { ...head, o: pageOffset, e: tuples } : { o: pageOffset, e: tuples })
    const page = new Uint8Array(LENGTH_BYTES + cbor.byteLength)
    new DataView(page.buffer).setUint32(0, cbor.byteLength)
    page.set(cbor, LENGTH_BYTES)
    yield page
    first = false
  } while (next < entries.length)
}

/** Bytes of the CBOR head of a list of `count` items. RFC 8949, section 3. */
function headBytes(count: number): number {
  if (count < 24) return 1
  if (count < 0x100) return 2
  return count < 0x1_0000 ? 3 : 5
}

/** One decoded page. `entries` is lazy, so that a caller can give way between two of a million. */
export interface ManifestPage {
  readonly offset: number
  readonly head: ManifestHead | undefined
  /** Decoded from the first one on each time. */
  readonly entries: Iterable<Entry>
}

/**
 * Reads one page, already opened with the key; undefined when it is padding. The publisher is not trusted: every
 * field is bounded, but names are judged and offsets recomputed by the caller.
 *
 * @throws ShoalError ERR_CONTENT_INVALID
 */
export function decodePage(plain: Uint8Array, isFirst: boolean): ManifestPage | undefined {
  if (plain.byteLength < LENGTH_BYTES) throw malformed('a page is too short')
  const length = new DataView(plain.buffer, plain.byteOffset).getUint32(0)
  if (length > plain.byteLength - LENGTH_BYTES) throw malformed('a page is longer than its block')
  if (!isZero(plain.subarray(LENGTH_BYTES + length))) throw malformed('a page is not padded with zeros')
  if (length === 0) {
    if (isFirst) throw malformed('the first page is empty')
    return undefined
  }
  const cbor = plain.subarray(LENGTH_BYTES, LENGTH_BYTES + length)
  const reader = new CborReader(cbor, 'ERR_CONTENT_INVALID', 'list of files')
  if (reader.map() !== (isFirst ? 6 : 2)) throw malformed('a page has unknown fields')
  // The list of entries stands before most of the head (canonical order), so it is skipped first and read last.
  expectKey(reader, 'e')
  const entriesAt = reader.offset
  const count = reader.array()
  if (count > MAX_ENTRIES) throw new ShoalError('ERR_LIMIT', `the list of files has ${count} entries`)
  for (let i = 0; i < count; i++) skipEntry(reader)
  expectKey(reader, 'o')
  const offset = reader.uint()
  let head: ManifestHead | undefined
  if (isFirst) {
    expectKey(reader, 'kind')
    const kind = readKind(reader)
    expectKey(reader, 'name')
    const name = reader.text(MAX_SHARE_NAME_BYTES)
    expectKey(reader, 'bytes')
    const bytes = reader.uint()
    expectKey(reader, 'entries')
    head = { name, kind, entries: reader.uint(), bytes }
  }
  reader.end()
  return { offset, head, entries: { [Symbol.iterator]: () => readEntries(cbor, entriesAt) } }
}

function* readEntries(cbor: Uint8Array, at: number): Generator<Entry> {
  const reader = new CborReader(cbor, 'ERR_CONTENT_INVALID', 'list of files', at)
  const count = reader.array()
  for (let i = 0; i < count; i++) {
    if (reader.array() !== 5) throw malformed('an entry has an unknown form')
    const path = reader.text(MAX_PATH_BYTES)
    const kind = readKind(reader)
    const size = reader.uint()
    const mtimeMs = reader.int()
    const executable = reader.bool()
    if (kind === 'folder' && size !== 0) throw malformed('a folder has a size')
    yield { path, kind, size, mtimeMs, executable }
  }
}

function skipEntry(reader: CborReader): void {
  if (reader.array() !== 5) throw malformed('an entry has an unknown form')
  for (let i = 0; i < 5; i++) reader.skip(1)
}

function readKind(reader: CborReader): EntryKind {
  const kind = reader.text(8)
  if (kind !== 'file' && kind !== 'folder') throw malformed('an entry is neither file nor folder')
  return kind
}

/**
 * Checks entries against the head and each other while they stream by: order, count, sum of sizes, one file
 * for a single-file share.
 *
 * @throws ShoalError ERR_CONTENT_INVALID, ERR_LIMIT
 */
export class ManifestChecker {
  readonly #head: ManifestHead
  #previous: string | undefined
  #entries = 0
  #bytes = 0

  /** @param offset where the first file that will be seen begins in the data part */
  constructor(head: ManifestHead, dataBytes: number, offset = 0) {
    if (head.entries > MAX_ENTRIES) {
      throw new ShoalError(
        'ERR_LIMIT',
        `this share has ${head.entries} files and folders, over ${MAX_ENTRIES}`,
      )
    }
    if (head.bytes > dataBytes) throw malformed('the files are larger than the blocks that hold them')
    this.#head = head
    this.#bytes = offset
  }

  /** As many entries were seen as the head announces. */
  get isComplete(): boolean {
    return this.#entries >= this.#head.entries
  }

  /** Bytes of all files seen so far: where the next one begins in the data part. */
  get offset(): number {
    return this.#bytes
  }

  accept(entry: Entry): void {
    const single = this.#head.kind === 'file'
    if (single !== (entry.path === '') || (single && entry.kind !== 'file')) {
      throw malformed('the list does not fit the kind of the share')
    }
    if (this.#previous !== undefined && comparePaths(this.#previous, entry.path) >= 0) {
      throw malformed('the list is not in order')
    }
    this.#previous = entry.path
    this.#entries++
    this.#bytes += entry.size
    if (this.#entries > this.#head.entries || this.#bytes > this.#head.bytes) {
      throw malformed('the list holds more than it says')
    }
  }

  finish(): void {
    const complete = this.#entries === this.#head.entries && this.#bytes === this.#head.bytes
    if (!complete || (this.#head.kind === 'file' && this.#entries !== 1)) {
      throw malformed('the list holds less than it says')
    }
  }
}

function isZero(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 0) return false
  return true
}

function expectKey(reader: CborReader, key: string): void {
  if (reader.text() !== key) throw malformed('a page has unknown fields')
}

function malformed(what: string): ShoalError {
  return new ShoalError('ERR_CONTENT_INVALID', `the list of files in this share is malformed: ${what}`)
}
