/** Public shares whose nodes say what is not so: of their sizes, their kinds, their links. */
import { UnixFS } from 'ipfs-unixfs'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { cidOf, DAG_PB, RAW, sha256 } from '../../../src/content/cid.ts'
import { Forge, field, raw } from '../../helpers/forge.ts'
import type { Mutator } from '../../helpers/mutate.ts'
import { publicShare, randomBytes, word, type Family, type HostileShare } from './share.ts'

const DAG_CBOR = 0x71
const SHA2_256 = 0x12
const FILE = field(1, 2)

/** The node somewhere inside honest folders. */
export function around(forge: Forge, random: Mutator, cid: CID): CID {
  let inside = cid
  for (let levels = random.below(4); levels > 0; levels--) {
    const children: [string, CID][] = [[word(random), inside]]
    for (let others = random.below(4); others > 0; others--) children.push([word(random), raw(word(random))])
    inside = forge.folder(children.toSorted(([a], [b]) => (a < b ? -1 : 1)))
  }
  return inside
}

export function lie(make: (forge: Forge, random: Mutator, index: number) => CID): Family['make'] {
  return (random, index): HostileShare => {
    const forge = new Forge()
    return publicShare(forge, around(forge, random, make(forge, random, index)))
  }
}

/** A file node with this UnixFS message over so many raw leaves. */
function fileNode(forge: Forge, random: Mutator, message: number[], links: number): CID {
  return forge.node(
    Uint8Array.from([...FILE, ...message]),
    Array.from({ length: links }, () => ({ Hash: raw(word(random)), Name: '', Tsize: 1 })),
  )
}

const OTHER_CODECS = [0x0129, 0x0200, DAG_CBOR, 0x72, 0x78, 0x85, 0x90, 0x01]
const OTHER_HASHES: readonly [code: number, bytes: number][] = [
  [0x00, 20],
  [0x11, 20],
  [0x13, 64],
  [0x14, 64],
  [0x16, 32],
  [0x1b, 32],
  [0x1e, 32],
  [0xb220, 32],
  [0xd5, 16],
  [SHA2_256, 16],
  [SHA2_256, 31],
  [SHA2_256, 33],
]

function foreignCid(random: Mutator, index: number): CID {
  if (index % 2 === 0) {
    return CID.createV1(random.pick(OTHER_CODECS), Digest.create(SHA2_256, randomBytes(random, 32)))
  }
  const [code, bytes] = random.pick(OTHER_HASHES)
  return CID.createV1(random.pick([RAW, DAG_PB]), Digest.create(code, randomBytes(random, bytes)))
}

function lyingSizes(forge: Forge, random: Mutator, index: number): CID {
  const links = 1 + random.below(5)
  const sizes = Array.from({ length: links }, () => 1 + random.below(1_000_000))
  const sum = sizes.reduce((total, size) => total + size, 0)
  const blockSizes = (list: readonly (number | bigint)[]): number[] => list.flatMap((size) => field(4, size))
  switch (index % 9) {
    case 0:
      return fileNode(
        forge,
        random,
        [...field(3, sum + 1 + random.below(1_000)), ...blockSizes(sizes)],
        links,
      )
    case 1:
      return fileNode(forge, random, [...field(3, random.below(sum)), ...blockSizes(sizes)], links)
    case 2:
      return fileNode(forge, random, blockSizes([...sizes, 1 + random.below(9)]), links)
    case 3:
      return fileNode(forge, random, blockSizes(sizes.slice(1)), links)
    case 4:
      return fileNode(
        forge,
        random,
        blockSizes([...sizes.slice(1), 2n ** 64n - BigInt(1 + random.below(99))]),
        links,
      )
    case 5:
      return fileNode(
        forge,
        random,
        blockSizes([...sizes.slice(1), 2n ** BigInt(53 + random.below(10))]),
        links,
      )
    case 6: {
      // 8 EB and more: each fits, their sum does not.
      const part = forge.file([1], [raw(word(random))])
      const huge = blockSizes([2n ** 52n + BigInt(random.below(1_000)), 2n ** 52n])
      const Links = [part, part].map((Hash) => ({ Hash, Name: '', Tsize: 1 }))
      return forge.node(Uint8Array.from([...FILE, ...huge]), Links)
    }
    case 7: {
      const part = forge.file(
        sizes,
        sizes.map(() => raw(word(random))),
      )
      return forge.file([sum + 1 + random.below(1_000)], [part])
    }
    default:
      return fileNode(
        forge,
        random,
        [...field(3, 2n ** 63n - 1n - BigInt(random.below(99))), ...blockSizes(sizes)],
        links,
      )
  }
}

/** A leaf that is there and verifies, but has another length than its parent states. */
function lyingLeaf(random: Mutator, index: number): HostileShare {
  const forge = new Forge()
  const bytes = randomBytes(random, 1 + random.below(2_000))
  const stated =
    bytes.byteLength + (random.below(2) === 0 ? 1 + random.below(500) : -1 - random.below(bytes.byteLength))
  const leaf = cidOf(RAW, sha256(bytes))
  if (index % 3 === 0) return publicShare(forge, forge.folder([[word(random), leaf, stated]]), [bytes])
  if (index % 3 === 1) {
    const file = forge.file([stated], [leaf])
    return publicShare(forge, random.below(2) === 0 ? file : forge.folder([[word(random), file]]), [bytes])
  }
  // A folder where a leaf is promised: it verifies, and holds no bytes of a file.
  const folder = forge.folder([[word(random), leaf, bytes.byteLength]])
  const block = forge.blocks.get(folder.toString()) as Uint8Array
  return publicShare(forge, forge.folder([[word(random), cidOf(RAW, sha256(block)), stated + 5_000]]), [
    block,
  ])
}

function wrongKind(forge: Forge, random: Mutator, index: number): CID {
  const inner = random.pick([
    (): CID => forge.folder([[word(random), raw(word(random))]]),
    (): CID => forge.shard([]),
    (): CID =>
      forge.node(new UnixFS({ type: 'symlink', data: Buffer.from(`/etc/${word(random)}`) }).marshal()),
    (): CID => forge.node(new UnixFS({ type: 'metadata', data: randomBytes(random, 9) }).marshal()),
    (): CID => forge.node(Uint8Array.from(field(1, 6 + random.below(1_000)))),
    (): CID => forge.node(Uint8Array.from(field(3, random.below(1_000)))),
  ])()
  if (index % 4 === 0) return forge.file([0], [inner])
  if (index % 4 === 1) return forge.file([1, 0], [raw(word(random)), inner])
  const alien = random.pick([
    new UnixFS({ type: 'symlink', data: Buffer.from(`../${word(random)}`) }).marshal(),
    new UnixFS({ type: 'metadata', data: randomBytes(random, 9) }).marshal(),
    Uint8Array.from(field(1, 6 + random.below(1_000))),
    Uint8Array.from(field(7, random.below(1_000))),
  ])
  return index % 4 === 2 ? forge.folder([[word(random), forge.node(alien)]]) : forge.node(alien)
}

export const PUBLIC_LIES: readonly Family[] = [
  {
    name: 'public: links of other codecs and hashes',
    count: 100,
    codes: ['ERR_CONTENT_INVALID'],
    make: lie((forge, random, index) => {
      const alien = foreignCid(random, index)
      return random.below(2) === 0
        ? forge.folder([[word(random), alien]])
        : forge.file([1 + random.below(99)], [alien])
    }),
  },
  {
    name: 'public: a root of another codec or hash',
    count: 30,
    codes: ['ERR_CONTENT_INVALID', 'ERR_LINK_INCOMPLETE'],
    make: (random, index) => publicShare(new Forge(), foreignCid(random, index)),
  },
  { name: 'public: sizes that lie', count: 180, codes: ['ERR_CONTENT_INVALID'], make: lie(lyingSizes) },
  {
    name: 'public: leaves of another length than stated',
    count: 90,
    codes: ['ERR_CONTENT_INVALID'],
    make: lyingLeaf,
  },
  { name: 'public: nodes of a wrong kind', count: 100, codes: ['ERR_CONTENT_INVALID'], make: lie(wrongKind) },
  {
    name: 'public: links and inline bytes in one node',
    count: 30,
    codes: ['ERR_CONTENT_INVALID'],
    make: lie((forge, random) =>
      forge.file([1 + random.below(9)], [raw(word(random))], {
        data: randomBytes(random, 1 + random.below(99)),
      }),
    ),
  },
  {
    name: 'public: a name twice',
    count: 30,
    codes: ['ERR_CONTENT_INVALID', 'ERR_UNSAFE_NAME'],
    make: lie((forge, random) => {
      const name = word(random)
      const children: [string, CID][] = [name, name].map((twice) => [twice, raw(word(random))])
      if (random.below(2) === 0) children.push([`z${word(random)}`, raw(word(random))])
      return forge.folder(children)
    }),
  },
  {
    name: 'public: bytes that are not what was asked for',
    count: 40,
    codes: ['ERR_CONTENT_INVALID'],
    make: (random, index) => {
      const forge = new Forge()
      const promised = forge.folder([[word(random), raw(word(random))]])
      const root = index % 2 === 0 ? cidOf(RAW, randomBytes(random, 32)) : around(forge, random, promised)
      const nodes = new Map<string, Uint8Array>(forge.blocks).set(
        (index % 2 === 0 ? root : promised).toString(),
        randomBytes(random, 40),
      )
      return { link: { root, hints: {} }, nodes, blocks: [randomBytes(random, 40)] }
    },
  },
]
