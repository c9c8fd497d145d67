/** Reads the UnixFS message inside a dag-pb node. */
import { invalid } from './faults.ts'
import { Reader, WIRE_BYTES, WIRE_FIXED32, WIRE_VARINT } from './wire.ts'

const TYPE_RAW = 0
export const TYPE_FOLDER = 1
const TYPE_FILE = 2
export const TYPE_SHARD = 5
const TYPE_NAMES = ['raw', 'folder', 'file', 'metadata', 'symbolic link', 'shard']

/** Fields that are no block sizes; a message with more of them is padding that only costs time. */
const MAX_OTHER_FIELDS = 32

export interface UnixfsData {
  type: number
  /** Where `data` lies in the block: inline bytes of a file, the bit field of a shard. */
  dataStart: number
  dataEnd: number
  fileSize: number | undefined
  /** One for each link of a file node, bytes. */
  blockSizes: Float64Array
  hashType: number
  fanout: number
  mode: number | undefined
  /** Milliseconds since 1970. */
  mtimeMs: number | undefined
}

/**
 * Reads the message at `start..end` of a block whose node has `links` links.
 *
 * @throws ShoalError ERR_CONTENT_INVALID
 */
export function readUnixfsData(block: Uint8Array, start: number, end: number, links: number): UnixfsData {
  const reader = new Reader(block, start, end)
  const data: UnixfsData = {
    type: -1,
    dataStart: 0,
    dataEnd: 0,
    fileSize: undefined,
    blockSizes: new Float64Array(links),
    hashType: 0,
    fanout: 0,
    mode: undefined,
    mtimeMs: undefined,
  }
  let sizes = 0
  for (let others = 0; reader.pos < end;) {
    const key = reader.varint()
    if (key === 0x20) {
      if (sizes === links) throw invalid('a file node has more sizes than links')
      data.blockSizes[sizes++] = reader.varint()
    } else {
      if (++others > MAX_OTHER_FIELDS) throw invalid('a node has too many fields')
      readField(reader, key, data)
    }
  }
  if (TYPE_NAMES[data.type] === undefined) throw invalid('a node of an unknown type')
  const isFile = data.type === TYPE_FILE || data.type === TYPE_RAW
  if (isFile && sizes !== links) throw invalid('a file node has fewer sizes than links')
  if (!isFile && data.type !== TYPE_FOLDER && data.type !== TYPE_SHARD) {
    throw invalid(`it holds a ${TYPE_NAMES[data.type] as string}, which is never created`)
  }
  return data
}

function readField(reader: Reader, key: number, data: UnixfsData): void {
  const field = Math.floor(key / 8)
  const wireType = key % 8
  if (field === 0) throw invalid('a field has no number')
  if (field > 8) {
    reader.skip(wireType)
    return
  }
  const wanted = field === 2 || field === 8 ? WIRE_BYTES : WIRE_VARINT
  if (wireType !== wanted) throw invalid('a field is of the wrong kind')
  if (field === 1) data.type = reader.varint()
  else if (field === 2) {
    const end = reader.lengthDelimited()
    data.dataStart = reader.pos
    data.dataEnd = end
    reader.pos = end
  } else if (field === 3) data.fileSize = reader.varint()
  else if (field === 5) data.hashType = reader.varint()
  else if (field === 6) data.fanout = reader.varint()
  else if (field === 7) data.mode = reader.varint()
  else if (field === 8) data.mtimeMs = readTime(reader)
}

function readTime(outer: Reader): number {
  const end = outer.lengthDelimited()
  const reader = new Reader(outer.bytes, outer.pos, end)
  let seconds = 0n
  let nanoseconds = 0
  for (let fields = 0; reader.pos < end;) {
    if (++fields > MAX_OTHER_FIELDS) throw invalid('a time has too many fields')
    const key = reader.varint()
    if (key === 8 + WIRE_VARINT) seconds = reader.int64()
    else if (key === 16 + WIRE_FIXED32) nanoseconds = reader.fixed32()
    else reader.skip(key % 8)
  }
  outer.pos = end
  const milliseconds = Number(seconds) * 1000 + Math.floor(nanoseconds / 1_000_000)
  if (nanoseconds > 999_999_999 || !Number.isSafeInteger(milliseconds))
    throw invalid('a time is out of range')
  return milliseconds
}
