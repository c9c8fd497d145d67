/**
 * Decodes one dag-pb node of UnixFS from an untrusted block, strictly and in bounded time.
 *
 * `@ipld/dag-pb` is not used here: it replaces invalid UTF-8 in names and drops a leading byte order mark, so
 * that two names of a publisher could become one, and it makes several objects for each link. The tests hold
 * this decoder against it.
 */
import { RAW } from '../cid.ts'
import { MAX_BLOCK_BYTES, MAX_NODE_LINKS } from '../limits.ts'
import { invalid, overLimit } from './faults.ts'
import { MAX_FANOUT, MIN_FANOUT } from './limits.ts'
import { LinkReader } from './node-links.ts'
import { NameList } from './node-names.ts'
import { bitCount, bitSet, readBucket } from './shard-bits.ts'
import { prefixDigits } from './shard-hash.ts'
import { readUnixfsData, TYPE_FOLDER, TYPE_SHARD, type UnixfsData } from './unixfs-data.ts'
import { Reader } from './wire.ts'

const MURMUR3_X64_64 = 0x22
const KEY_DATA = 0x0a
const KEY_LINK = 0x12

export interface UnixfsNode {
  readonly kind: 'file' | 'folder' | 'shard'
  /** Links, in stored order. */
  readonly count: number
  /** 32 bytes for each link. */
  readonly digests: Uint8Array
  /** For each link `RAW`, `DAG_PB` or `CID_V0`. */
  readonly codecs: Uint8Array
  /** For each link of a file its bytes of content; else the claimed Tsize, -1 where there is none. */
  readonly sizes: Float64Array
  /** For each link of a folder or shard its name, perhaps twice the same; empty where it leads to a shard. */
  readonly names: readonly string[]
  /** For each link of a shard its bucket, ascending. */
  readonly buckets: Uint16Array
  /** Buckets of a shard. */
  readonly fanout: number
  /** Bytes of a file below this node. */
  readonly size: number
  /** Where the content of a file node without links lies in the block. */
  readonly contentStart: number
  readonly contentEnd: number
  readonly mtimeMs: number | undefined
  readonly executable: boolean | undefined
}

/**
 * Decodes a dag-pb block of at most 1 MiB.
 *
 * @throws ShoalError ERR_CONTENT_INVALID, ERR_LIMIT, ERR_UNSAFE_NAME
 */
export function decodeNode(block: Uint8Array): UnixfsNode {
  if (block.byteLength > MAX_BLOCK_BYTES) throw overLimit('a node has more than 1 MiB')
  const { count, linksStart, dataStart, dataEnd } = scan(block)
  if (dataStart < 0) throw invalid('a node holds no UnixFS')
  const data = readUnixfsData(block, dataStart, dataEnd, count)
  const links = new LinkReader(block, count)
  const reader = new Reader(block, linksStart, block.byteLength)
  if (data.type === TYPE_FOLDER) return folderNode(links, reader, data)
  if (data.type === TYPE_SHARD) return shardNode(links, reader, data)
  return fileNode(links, reader, data)
}

interface Scan {
  count: number
  linksStart: number
  dataStart: number
  dataEnd: number
}

/** Finds the parts of a node and counts its links before anything is allocated for them. */
function scan(block: Uint8Array): Scan {
  const reader = new Reader(block, 0, block.byteLength)
  const found: Scan = { count: 0, linksStart: 0, dataStart: -1, dataEnd: -1 }
  let linksEnded = false
  while (reader.pos < reader.end) {
    const start = reader.pos
    const key = reader.byte()
    if (key !== KEY_DATA && key !== KEY_LINK) throw invalid('a block is no dag-pb node')
    const end = reader.lengthDelimited()
    if (key === KEY_LINK) {
      if (linksEnded) throw invalid('a node has its links in two parts')
      if (found.count === 0) found.linksStart = start
      if (++found.count > MAX_NODE_LINKS) throw overLimit(`a node has more than ${MAX_NODE_LINKS} links`)
    } else {
      if (found.dataStart >= 0) throw invalid('a node has its data twice')
      linksEnded = found.count > 0
      found.dataStart = reader.pos
      found.dataEnd = end
    }
    reader.pos = end
  }
  return found
}

function fileNode(links: LinkReader, reader: Reader, data: UnixfsData): UnixfsNode {
  const { count } = links
  let size = data.dataEnd - data.dataStart
  // Such bytes would lie in no numbered block; no tool writes them.
  if (count > 0 && size > 0) throw invalid('a file node has both links and bytes')
  for (let i = 0; i < count; i++) {
    links.read(reader, i)
    const bytes = data.blockSizes[i] as number
    if (links.codecs[i] === RAW && bytes > MAX_BLOCK_BYTES) throw overLimit('a block has more than 1 MiB')
    size += bytes
    if (size > Number.MAX_SAFE_INTEGER) throw invalid('the sizes of a file add up to more than 2^53')
  }
  if (data.fileSize !== undefined && data.fileSize !== size) {
    throw invalid('the size of a file is not the sum of its parts')
  }
  const { dataStart: contentStart, dataEnd: contentEnd } = data
  return node('file', links, data, { sizes: data.blockSizes, size, contentStart, contentEnd })
}

function folderNode(links: LinkReader, reader: Reader, data: UnixfsData): UnixfsNode {
  const sizes = data.blockSizes
  const list = new NameList(links.block, links.count)
  for (let i = 0; i < links.count; i++) {
    links.read(reader, i)
    list.add(links.nameStart, links.nameEnd)
    sizes[i] = entrySize(links, i)
  }
  return node('folder', links, data, { sizes, names: list.decode() })
}

function shardNode(links: LinkReader, reader: Reader, data: UnixfsData): UnixfsNode {
  const { fanout } = data
  if (fanout < MIN_FANOUT || fanout > MAX_FANOUT || (fanout & (fanout - 1)) !== 0) {
    throw invalid(`a shard has ${fanout} buckets`)
  }
  if (data.hashType !== MURMUR3_X64_64) throw invalid('a shard uses an unknown hash')
  const { block } = links
  const digits = prefixDigits(fanout)
  const sizes = data.blockSizes
  const list = new NameList(block, links.count)
  const buckets = new Uint16Array(links.count)
  let last = -1
  for (let i = 0; i < links.count; i++) {
    links.read(reader, i)
    const bucket = readBucket(block, links.nameStart, links.nameEnd, digits)
    if (bucket <= last || bucket >= fanout) throw invalid('the buckets of a shard are not in order')
    if (!bitSet(block, data, bucket)) throw invalid('the bit field of a shard lacks a bucket')
    last = buckets[i] = bucket
    const nameStart = links.nameStart + digits
    if (nameStart < links.nameEnd) list.add(nameStart, links.nameEnd)
    else if (links.codecs[i] === RAW) throw invalid('a shard leads to a raw block as a shard')
    else list.addNone()
    sizes[i] = entrySize(links, i)
  }
  if (bitCount(block, data) !== links.count) throw invalid('the bit field of a shard has too many buckets')
  return node('shard', links, data, { sizes, names: list.decode(), buckets, fanout })
}

/** A raw block in a folder is a file whose only known size is the Tsize that the publisher claims. */
function entrySize(links: LinkReader, index: number): number {
  if (links.codecs[index] === RAW && links.tsize > MAX_BLOCK_BYTES) {
    throw overLimit('a block has more than 1 MiB')
  }
  return links.tsize
}

const NO_NAMES: readonly string[] = []
const NO_BUCKETS = new Uint16Array(0)

function node(
  kind: UnixfsNode['kind'],
  links: LinkReader,
  data: UnixfsData,
  own: Partial<UnixfsNode> & Pick<UnixfsNode, 'sizes'>,
): UnixfsNode {
  const hasMetadata = data.mode !== undefined || data.mtimeMs !== undefined
  return {
    kind,
    count: links.count,
    digests: links.digests,
    codecs: links.codecs,
    names: NO_NAMES,
    buckets: NO_BUCKETS,
    fanout: 0,
    size: 0,
    contentStart: 0,
    contentEnd: 0,
    mtimeMs: data.mtimeMs,
    // Without a mode a file has 0644, says UnixFS 1.5; without any metadata nothing is known.
    executable: kind === 'file' && hasMetadata ? ((data.mode ?? 0) & 0o111) !== 0 : undefined,
    ...own,
  }
}
