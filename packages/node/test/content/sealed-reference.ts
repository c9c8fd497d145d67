/**
 * Sealed format 1 once more, written from DESIGN section 4 alone and sharing no code with `src`: small, synchronous,
 * everything in memory. It exists to be compared with, not to be used.
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto'
import { decode, encode } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'

export interface ReferenceEntry {
  path: string
  kind: 'file' | 'folder'
  size: number
  mtimeMs: number
  executable: boolean
  content: Uint8Array
}

export interface ReferenceShare {
  name: string
  kind: 'file' | 'folder'
  entries: ReferenceEntry[]
}

export interface ReferenceSealed {
  /** The root block, dag-cbor. */
  root: Uint8Array
  /** Its CID, base32. */
  rootCid: string
  /** Digest pages: 32 bytes for each block, 32,768 digests a page. */
  pages: Uint8Array[]
  /** Ciphertext and tag, in block order. */
  blocks: Uint8Array[]
}

type ManifestEntry = [path: string, kind: 'file' | 'folder', size: number, mtime: number, exec: boolean]
type ManifestHead = { name?: string; kind?: 'file' | 'folder'; entries?: number; bytes?: number }
type ManifestPage = ManifestHead & { o: number; e: ManifestEntry[] }
type Root = {
  t: string
  v: number
  commit: Uint8Array
  blocks: number
  manifest: number
  bytes: [number, number]
  pages: CID[]
}

const LABEL = 'shoal/sealed/1'
const PLAIN = 1_048_560
const TAG = 16
const DIGESTS_PER_PAGE = 32_768

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()
const derive = (key: Uint8Array, info: string): Buffer =>
  Buffer.from(hkdfSync('sha256', key, Buffer.from(LABEL), Buffer.from(info), 32))
const cidOf = (codec: number, block: Uint8Array): CID => CID.createV1(codec, create(0x12, sha256(block)))
const sum = (numbers: number[]): number => numbers.reduce((total, n) => total + n, 0)
const sizes = (entries: ManifestEntry[]): number => sum(entries.map((entry) => entry[2]))

/** Padmé (Nikitin et al., PURBs, 2019); the paper defines it from 2 on, below that nothing is added. */
export function padme(length: number): number {
  if (length < 2) return length
  const e = length.toString(2).length - 1
  const s = e.toString(2).length
  const unit = 2 ** (e - s)
  return Math.ceil(length / unit) * unit
}

function cut(part: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(part.length / size) }, (_, i) =>
    part.subarray(i * size, (i + 1) * size),
  )
}

/** A part as it is sealed: zeros up to its padded length, then cut. */
function plainBlocks(pieces: Uint8Array[]): Uint8Array[] {
  const whole = Buffer.concat(pieces)
  const padding = Buffer.alloc(Math.max(4096, padme(whole.length)) - whole.length)
  return cut(Buffer.concat([whole, padding]), PLAIN)
}

/** Names hold neither NUL nor slash, so with NUL for the slash plain byte order is order by components. */
const sortKey = (path: string): Buffer => Buffer.from(path.replaceAll('/', '\0'))

function manifestPages({ name, kind, entries }: ReferenceShare): Buffer[] {
  const all = entries.map((e): ManifestEntry => [e.path, e.kind, e.size, e.mtimeMs, e.executable])
  const first: ManifestPage = { name, kind, entries: all.length, bytes: sizes(all), o: 0, e: [] }
  const pages = [first]
  let offset = 0
  let room = 0
  const open = (page: ManifestPage): void => void (room = PLAIN - 4 - (encode(page).length - 1))
  open(first)
  for (const entry of all) {
    const length = encode(entry).length
    // An array's header is as long as the encoding of its count as a number.
    if (length + encode(pages.at(-1)!.e.length + 1).length > room) {
      pages.push({ o: offset, e: [] })
      open(pages.at(-1)!)
    }
    pages.at(-1)!.e.push(entry)
    room -= length
    offset += entry[2]
  }
  return pages.map((page, i) => {
    const body = encode(page)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(body.length)
    return Buffer.concat([length, body], i < pages.length - 1 ? PLAIN : 4 + body.length)
  })
}

function nonceAndAad(i: number, n: number, isManifest: boolean): [nonce: Buffer, aad: Buffer] {
  const nonce = Buffer.alloc(12)
  nonce.writeBigUInt64BE(BigInt(i), 4)
  const numbers = Buffer.alloc(16)
  numbers.writeBigUInt64BE(BigInt(i), 0)
  numbers.writeBigUInt64BE(BigInt(n), 8)
  return [nonce, Buffer.concat([Buffer.from(LABEL), Buffer.from([isManifest ? 1 : 0]), numbers])]
}

/** Digest pages of blocks' digests in block order. */
export const digestPages = (digests: Uint8Array[]): Uint8Array[] =>
  cut(Buffer.concat(digests), DIGESTS_PER_PAGE * 32)

export function sealReference(share: ReferenceShare & { key: Uint8Array }): ReferenceSealed {
  const entries = share.entries.toSorted((a, b) => Buffer.compare(sortKey(a.path), sortKey(b.path)))
  const data = plainBlocks(entries.map((entry) => entry.content))
  const manifest = plainBlocks(manifestPages({ ...share, entries }))
  const n = data.length + manifest.length
  const keys = [derive(share.key, 'data'), derive(share.key, 'manifest')] as const
  const blocks = [...data, ...manifest].map((plain, i) => {
    const [nonce, aad] = nonceAndAad(i, n, i >= data.length)
    const cipher = createCipheriv('aes-256-gcm', keys[i < data.length ? 0 : 1], nonce).setAAD(aad)
    return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  })
  const pages = digestPages(blocks.map(sha256))
  const total = (part: Uint8Array[]): number => sum(part.map((block) => block.length))
  const root = encode<Root>({
    t: 'shoal/sealed',
    v: 1,
    commit: derive(share.key, 'commit'),
    blocks: n,
    manifest: manifest.length,
    bytes: [total(blocks.slice(0, data.length)), total(blocks.slice(data.length))],
    pages: pages.map((page) => cidOf(0x55, page)),
  })
  return { root, rootCid: cidOf(0x71, root).toString(), pages, blocks }
}

function check(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`malformed: ${what}`)
}

/** Opens a whole share and throws at the first thing that is not as the format says. */
export function openReference(
  key: Uint8Array,
  root: Uint8Array,
  pages: Uint8Array[],
  blocks: Uint8Array[],
): ReferenceShare {
  const r = decode<Root>(root)
  check(r.t === 'shoal/sealed' && r.v === 1, 'type or version')
  if (!derive(key, 'commit').equals(r.commit)) throw new Error('wrong key')
  check(r.pages.map(String).join() === pages.map((page) => cidOf(0x55, page)).join(), 'digest pages')
  check(Buffer.concat(pages).equals(Buffer.concat(blocks.map(sha256))), 'block digests')
  const dataCount = r.blocks - r.manifest
  check(blocks.length === r.blocks && r.manifest > 0 && dataCount > 0, 'block counts')

  const plain = blocks.map((block, i) => {
    const [nonce, aad] = nonceAndAad(i, r.blocks, i >= dataCount)
    const partKey = derive(key, i < dataCount ? 'data' : 'manifest')
    const decipher = createDecipheriv('aes-256-gcm', partKey, nonce, { authTagLength: TAG }).setAAD(aad)
    decipher.setAuthTag(block.subarray(-TAG))
    return Buffer.concat([decipher.update(block.subarray(0, -TAG)), decipher.final()])
  })
  const data = Buffer.concat(plain.slice(0, dataCount))
  const manifest = Buffer.concat(plain.slice(dataCount))
  check(data.length === r.bytes[0] - TAG * dataCount, 'data bytes')
  check(manifest.length === r.bytes[1] - TAG * r.manifest, 'manifest bytes')

  const bodies = plain.slice(dataCount).map((block) => block.subarray(4, 4 + block.readUInt32BE()))
  const filled = bodies.findLastIndex((body) => body.length > 0)
  check(filled >= 0 && bodies.slice(0, filled).every((body) => body.length > 0), 'manifest pages')
  const decoded = bodies.slice(0, filled + 1).map((body) => decode<ManifestPage>(body))
  const end = filled * PLAIN + 4 + bodies[filled]!.length
  check(manifest.length === Math.max(4096, padme(end)), 'manifest padding')
  const { name, kind, entries: count, bytes } = decoded[0]!
  check(name !== undefined && kind !== undefined, 'first page')

  let offset = 0
  const entries = decoded.flatMap((page) => {
    check(page.o === offset, 'page offset')
    return page.e.map(([path, entryKind, size, mtimeMs, executable]): ReferenceEntry => {
      const content = data.subarray(offset, (offset += size))
      return { path, kind: entryKind, size, mtimeMs, executable, content }
    })
  })
  check(count === entries.length && bytes === offset, 'totals')
  check(data.length === Math.max(4096, padme(offset)), 'data padding')
  check(
    data.subarray(offset).every((byte) => byte === 0),
    'padding is zeros',
  )
  return { name, kind, entries }
}
