/** Reads the links of a dag-pb node. */
import { DAG_PB, DIGEST_BYTES, RAW } from '../cid.ts'
import { invalid } from './faults.ts'
import { Reader } from './wire.ts'

const KEY_HASH = 0x0a
const KEY_NAME = 0x12
const KEY_TSIZE = 0x18

/** In `codecs`: a CIDv0, which is always dag-pb. */
export const CID_V0 = 0

/** Reads links one after the other into flat arrays; `nameStart..nameEnd` is the name of the last one read. */
export class LinkReader {
  readonly block: Uint8Array
  readonly count: number
  readonly digests: Uint8Array
  readonly codecs: Uint8Array
  tsize = -1
  nameStart = 0
  nameEnd = 0
  readonly #reader: Reader

  constructor(block: Uint8Array, count: number) {
    this.block = block
    this.count = count
    this.#reader = new Reader(block, 0, 0)
    this.digests = new Uint8Array(count * DIGEST_BYTES)
    this.codecs = new Uint8Array(count)
  }

  /** Reads the link at the place of `outer` and passes over it. @throws ShoalError ERR_CONTENT_INVALID */
  read(outer: Reader, index: number): void {
    outer.pos++ // The key, which the scan has seen.
    const end = outer.lengthDelimited()
    const reader = this.#reader
    reader.pos = outer.pos
    reader.end = end
    if (reader.byte() !== KEY_HASH) throw invalid('a link has no CID')
    this.#readCid(reader, index)
    this.nameStart = this.nameEnd = reader.pos
    this.tsize = -1
    let key = reader.pos < end ? reader.byte() : 0
    if (key === KEY_NAME) {
      this.nameEnd = reader.lengthDelimited()
      this.nameStart = reader.pos
      reader.pos = this.nameEnd
      key = reader.pos < end ? reader.byte() : 0
    }
    if (key === KEY_TSIZE) {
      this.tsize = reader.varint()
      key = 0
    }
    if (key !== 0 || reader.pos !== end) throw invalid('a link has an unknown field')
    outer.pos = end
  }

  #readCid(reader: Reader, index: number): void {
    const { block } = this
    const end = reader.lengthDelimited()
    let at = reader.pos
    if (end - at === 36) {
      const codec = block[at + 1]
      if (block[at] !== 1 || (codec !== RAW && codec !== DAG_PB)) throw unsupportedLink()
      this.codecs[index] = codec
      at += 2
    } else if (end - at !== 34) throw unsupportedLink()
    if (block[at] !== 0x12 || block[at + 1] !== 32) throw unsupportedLink()
    const to = index * DIGEST_BYTES
    for (let i = 0; i < 32; i++) this.digests[to + i] = block[at + 2 + i] as number
    reader.pos = end
  }
}

function unsupportedLink(): Error {
  return invalid('a link is no sha2-256 CID of a raw or dag-pb block')
}
