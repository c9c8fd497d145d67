/** Sealed shares whose root, pages or blocks are not what the format allows. */
import { encode } from '@ipld/dag-cbor'
import type { CID } from 'multiformats/cid'
import { DAG_CBOR, cidOf } from '../../../src/content/cid.ts'
import { pageOf, type RootFields } from '../../helpers/sealed-forge.ts'
import { raw } from '../../helpers/forge.ts'
import type { Mutator } from '../../helpers/mutate.ts'
import { encodeList, honestList, sealedShare } from './sealed-lists.ts'
import { randomBytes, word, type Family } from './share.ts'

const PLAIN_BLOCK_BYTES = 1_048_560

/** Puts other bytes in the place of `length` at `at`. */
function splice(bytes: Uint8Array, at: number, length: number, ...put: number[]): Uint8Array {
  return Buffer.concat([bytes.subarray(0, at), Uint8Array.from(put), bytes.subarray(at + length)])
}

/** Where an encoded key begins. */
const keyAt = (cbor: Uint8Array, key: string): number => Buffer.from(cbor).indexOf(Buffer.from(encode(key)))

const LOOSE_CBOR: readonly ((cbor: Uint8Array, random: Mutator) => Uint8Array)[] = [
  // Behind the end.
  (cbor, random) => Buffer.concat([cbor, randomBytes(random, 1 + random.below(20))]),
  // A map head of two bytes, one without end, one with too many or too few.
  (cbor) => splice(cbor, 0, 1, 0xb8, 6),
  (cbor) => Buffer.concat([splice(cbor, 0, 1, 0xbf), Uint8Array.of(0xff)]),
  (cbor, random) => splice(cbor, 0, 1, 0xa0 + random.pick([0, 1, 2, 3, 4, 5, 7, 8, 23])),
  // Keys in longer heads, in another order, tagged.
  (cbor) => splice(cbor, keyAt(cbor, 'o'), 1, 0x78, 1),
  (cbor) => splice(cbor, keyAt(cbor, 'o') + 1, 1, 0x65),
  (cbor, random) => splice(cbor, keyAt(cbor, 'o'), 0, 0xc0 + random.below(24)),
  // Numbers longer than they need to be, floating, negative, endless.
  (cbor) => splice(cbor, keyAt(cbor, 'o') + 2, 1, 0x18, 0),
  (cbor) => splice(cbor, keyAt(cbor, 'o') + 2, 1, 0x1b, 0, 0, 0, 0, 0, 0, 0, 0),
  (cbor) => splice(cbor, keyAt(cbor, 'o') + 2, 1, 0xfb, 0, 0, 0, 0, 0, 0, 0, 0),
  (cbor) => splice(cbor, keyAt(cbor, 'o') + 2, 1, 0xf9, 0, 0),
  (cbor, random) =>
    splice(
      cbor,
      keyAt(cbor, 'o') + 2,
      1,
      random.pick([0x1c, 0x1d, 0x1e, 0x1f, 0x3f, 0x5f, 0x7f, 0xf7, 0xff]),
    ),
  // Lists that claim what no page could hold, or have no end.
  (cbor, random) => splice(cbor, keyAt(cbor, 'e') + 2, 1, 0x9a, 0, 0x0f + random.below(100), 0x42, 0x41),
  (cbor) => splice(cbor, keyAt(cbor, 'e') + 2, 1, 0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
  (cbor) => splice(cbor, keyAt(cbor, 'e') + 2, 1, 0x9f),
  (cbor, random) =>
    splice(cbor, keyAt(cbor, 'e') + 2, 1, ...Array<number>(40 + random.below(2_000)).fill(0x81)),
  // Cut.
  (cbor, random) => cbor.subarray(0, 1 + random.below(cbor.byteLength - 1)),
]

const without = (fields: RootFields, key: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([other]) => other !== key))

const WRONG_ROOTS: readonly ((fields: RootFields, random: Mutator) => Record<string, unknown>)[] = [
  (fields, random) => ({ ...fields, t: random.pick(['shoal/sealed/2', 'shoal', '', 7, null]) }),
  (fields, random) => ({ ...fields, v: random.pick([0, 2, 255, -1, '1', 1.5]) }),
  (fields, random) => ({ ...fields, blocks: fields.blocks + 1 + random.below(100) }),
  (fields, random) => ({ ...fields, blocks: random.pick([0, 1, -5, 2 ** 31, 2 ** 52, 0.5]) }),
  (fields, random) => ({ ...fields, manifest: random.pick([0, 2, 3, 1_000, -1, 2 ** 40, '1']) }),
  (fields, random) => ({ ...fields, bytes: [4_096 + 16 + 1_048_576 + random.below(2 ** 40), 4_112] }),
  (fields, random) => ({ ...fields, bytes: [4_112, random.below(4_112)] }),
  (fields, random) => ({
    ...fields,
    bytes: random.pick([[4_112], [4_112, 4_112, 4_112], [], [-1, -1], null]),
  }),
  (fields, random) => ({
    ...fields,
    pages: [...fields.pages, ...fields.pages.slice(0, 1 + random.below(1))],
  }),
  (fields) => ({ ...fields, pages: [] }),
  (fields, random) => ({ ...fields, pages: [cidOf(DAG_CBOR, randomBytes(random, 32))] }),
  (fields, random) => ({ ...fields, pages: Array<CID>(4_097 + random.below(2_000)).fill(raw(word(random))) }),
  (fields, random) => ({
    ...fields,
    pages: Array<CID>(4_096).fill(raw(word(random))),
    blocks: 2 ** 27,
    bytes: [2 ** 47, 4_112],
  }),
  (fields, random) => ({ ...fields, commit: randomBytes(random, random.pick([0, 16, 31, 33, 64])) }),
  (fields, random) => ({ ...fields, [word(random)]: random.below(100) }),
  (fields) => without(fields, 'commit'),
  (fields) => without(fields, 'pages'),
]

const WRONG_DIGESTS: readonly ((digests: Uint8Array, random: Mutator) => Uint8Array)[] = [
  (digests) => digests.subarray(32),
  (digests, random) => Buffer.concat([digests, randomBytes(random, 32)]),
  (digests, random) => digests.subarray(0, digests.byteLength - 1 - random.below(31)),
  (digests, random) => Buffer.concat([digests, randomBytes(random, 1 + random.below(31))]),
]

export const SEALED_ENCODINGS: readonly Family[] = [
  {
    name: 'sealed: pages that are no canonical dag-cbor',
    count: 130,
    codes: ['ERR_CONTENT_INVALID', 'ERR_LIMIT'],
    make: (random, index) => {
      const list = honestList(random)
      const loose = LOOSE_CBOR[index % LOOSE_CBOR.length] as (typeof LOOSE_CBOR)[number]
      return sealedShare(random, list, {}, loose(encodeList(list), random))
    },
  },
  {
    name: 'sealed: pages of a wrong length',
    count: 40,
    codes: ['ERR_CONTENT_INVALID'],
    make: (random, index) => {
      const list = honestList(random)
      const cbor = encodeList(list)
      const lengths = [
        0,
        1 + random.below(cbor.byteLength - 1),
        cbor.byteLength + 1 + random.below(99),
        2 ** 31 + random.below(2 ** 31),
      ]
      return sealedShare(random, list, { pages: [pageOf(cbor, lengths[index % lengths.length])] })
    },
  },
  {
    name: 'sealed: padding of the list that is not zero',
    count: 30,
    codes: ['ERR_CONTENT_INVALID'],
    make: (random) => {
      const list = honestList(random)
      const used = 4 + encodeList(list).byteLength
      return sealedShare(random, list, {
        plain: (_block, plain, part) => {
          if (part === 'manifest') plain[used + random.below(plain.byteLength - used)] = 1 + random.below(255)
        },
      })
    },
  },
  {
    name: 'sealed: padding of the content that is not zero',
    count: 40,
    codes: ['ERR_CONTENT_INVALID'],
    mayKeepParts: true,
    make: (random, index) => {
      const list = honestList(random)
      // Every fourth in a block that holds nothing else, which nobody asks for.
      const isApart = index % 4 === 0
      if (isApart)
        list.data = Buffer.concat([list.data, new Uint8Array(PLAIN_BLOCK_BYTES + random.below(5_000))])
      const { byteLength } = list.data
      return sealedShare(random, list, {
        plain: (block, plain, part) => {
          if (part !== 'data' || block !== (isApart ? 1 : 0)) return
          const from = isApart ? 0 : Math.min(byteLength, plain.byteLength - 1)
          plain[from + random.below(plain.byteLength - from)] = 1 + random.below(255)
        },
      })
    },
  },
  {
    name: 'sealed: pages without a head, or with one too many',
    count: 20,
    codes: ['ERR_CONTENT_INVALID'],
    make: (random, index) => {
      const list = honestList(random)
      const { head, o, e, data } = list
      const half = 1 + random.below(e.length - 1)
      const offset = e.slice(0, half).reduce((sum, [, , size]) => sum + Number(size), 0)
      const first = encode(index % 2 === 0 ? { o, e: e.slice(0, half) } : { ...head, o, e: e.slice(0, half) })
      const second = encode({ ...head, o: offset, e: e.slice(half) })
      return sealedShare(random, { ...list, data }, { pages: [pageOf(first), pageOf(second)] })
    },
  },
  {
    name: 'sealed: a second page that does not follow the first',
    count: 20,
    codes: ['ERR_CONTENT_INVALID'],
    make: (random, index) => {
      const list = honestList(random)
      const { head, e } = list
      const half = 1 + random.below(e.length - 1)
      const offset = e.slice(0, half).reduce((sum, [, , size]) => sum + Number(size), 0)
      const first = encode({ ...head, o: 0, e: e.slice(0, half) })
      const o = index % 2 === 0 ? offset + 1 + random.below(99) : offset
      const again = index % 2 === 0 ? e.slice(half) : e.slice(0, half)
      return sealedShare(random, list, { pages: [pageOf(first), pageOf(encode({ o, e: again }))] })
    },
  },
  {
    name: 'sealed: roots that contradict themselves',
    count: 130,
    codes: ['ERR_CONTENT_INVALID', 'ERR_LIMIT'],
    make: (random, index) => {
      const wrong = WRONG_ROOTS[index % WRONG_ROOTS.length] as (typeof WRONG_ROOTS)[number]
      return sealedShare(random, honestList(random), { root: (fields) => wrong(fields, random) })
    },
  },
  {
    name: 'sealed: roots that are no canonical dag-cbor',
    count: 40,
    codes: ['ERR_CONTENT_INVALID'],
    make: (random, index) =>
      sealedShare(random, honestList(random), {
        rootBytes: (bytes) => {
          const makes = [
            (): Uint8Array => Buffer.concat([bytes, randomBytes(random, 1 + random.below(9))]),
            (): Uint8Array => bytes.subarray(0, random.below(bytes.byteLength)),
            (): Uint8Array => splice(bytes, 0, 1, 0xb8, 7),
            (): Uint8Array => randomBytes(random, random.below(500)),
          ]
          return (makes[index % makes.length] as () => Uint8Array)()
        },
      }),
  },
  {
    name: 'sealed: lists of digests of a wrong length',
    count: 30,
    codes: ['ERR_CONTENT_INVALID'],
    make: (random, index) => {
      const wrong = WRONG_DIGESTS[index % WRONG_DIGESTS.length] as (typeof WRONG_DIGESTS)[number]
      return sealedShare(random, honestList(random), { digests: (digests) => wrong(digests, random) })
    },
  },
  {
    name: 'sealed: another key',
    count: 20,
    codes: ['ERR_WRONG_KEY'],
    make: (random) => {
      const share = sealedShare(random, honestList(random))
      return { ...share, link: { ...share.link, key: randomBytes(random, 32) } }
    },
  },
  {
    name: 'sealed: blocks that belong to another place',
    count: 60,
    codes: ['ERR_CONTENT_INVALID'],
    make: (random, index) => {
      const part = index % 2 === 0 ? 'data' : 'manifest'
      const elsewhere = random.pick([
        { block: 2 + random.below(1_000) },
        { blocks: 3 + random.below(1_000) },
        { part: part === 'data' ? 'manifest' : 'data' } as const,
        { key: randomBytes(random, 32) },
      ])
      return sealedShare(random, honestList(random), {
        binding: (binding) => (binding.part === part ? { ...binding, ...elsewhere } : binding),
      })
    },
  },
  {
    name: 'sealed: blocks of another length than promised',
    count: 40,
    codes: ['ERR_CONTENT_INVALID'],
    make: (random, index) => {
      const share = sealedShare(random, honestList(random))
      const blocks = [...share.blocks]
      const block = blocks[index % 2] as Uint8Array
      blocks[index % 2] =
        random.below(2) === 0
          ? block.subarray(0, random.below(block.byteLength))
          : Buffer.concat([block, randomBytes(random, 1 + random.below(5_000))])
      return { ...share, blocks }
    },
  },
  {
    name: 'sealed: blocks that are not what was promised',
    count: 40,
    codes: ['ERR_CONTENT_INVALID'],
    make: (random, index) => {
      const share = sealedShare(random, honestList(random))
      const blocks = share.blocks.map((block) => Uint8Array.from(block))
      const block = blocks[index % 2] as Uint8Array
      block[random.below(block.byteLength)]! ^= 1 << random.below(8)
      return { ...share, blocks }
    },
  },
]
