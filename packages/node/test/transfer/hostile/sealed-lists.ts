/** Sealed shares that open, verify, and whose list of files lies. */
import { encode } from '@ipld/dag-cbor'
import type { Entry } from '../../../src/content/entry.ts'
import { comparePaths } from '../../../src/content/entry.ts'
import { forgeSealed, pageOf, type SealedForgery } from '../../helpers/sealed-forge.ts'
import type { Mutator } from '../../helpers/mutate.ts'
import { unsafeText } from './names.ts'
import { randomBytes, word, type Family, type HostileShare } from './share.ts'

export type Tuple = [path: unknown, kind: unknown, size: unknown, mtimeMs: unknown, executable: unknown]

/** What an honest publisher would put into the one page of a small share; a forger changes it. */
export interface List {
  head: Record<string, unknown> & { name: unknown; kind: unknown; entries: unknown; bytes: unknown }
  o: unknown
  e: Tuple[]
  data: Uint8Array
}

export function honestList(random: Mutator): List {
  const entries: Entry[] = []
  for (let i = 2 + random.below(6); i > 0; i--) {
    const folder = word(random)
    entries.push({ path: folder, kind: 'folder', size: 0 })
    for (let j = random.below(4); j > 0; j--) {
      entries.push({ path: `${folder}/${word(random)}`, kind: 'file', size: 1 + random.below(900) })
    }
    entries.push({ path: word(random), kind: 'file', size: 1 + random.below(900) })
  }
  entries.sort((a, b) => comparePaths(a.path, b.path))
  const bytes = entries.reduce((sum, entry) => sum + entry.size, 0)
  return {
    head: { name: word(random), kind: 'folder', entries: entries.length, bytes },
    o: 0,
    e: entries.map(({ path, kind, size }) => [
      path,
      kind,
      size,
      random.below(2 ** 31),
      random.below(2) === 0,
    ]),
    data: randomBytes(random, bytes),
  }
}

export const encodeList = ({ head, o, e }: List): Uint8Array => encode({ ...head, o, e })

export function sealedShare(
  random: Mutator,
  list: List,
  over: Partial<SealedForgery> = {},
  cbor: Uint8Array = encodeList(list),
): HostileShare {
  const shareKey = randomBytes(random, 32)
  const { root, nodes, blocks } = forgeSealed({ shareKey, data: list.data, pages: [pageOf(cbor)], ...over })
  return { link: { root, key: shareKey, hints: {} }, nodes, blocks }
}

/** A family of lists that an honest one becomes by one change. */
function changed(change: (list: List, random: Mutator, index: number) => void): Family['make'] {
  return (random, index) => {
    const list = honestList(random)
    change(list, random, index)
    return sealedShare(random, list)
  }
}

const files = (list: List): Tuple[] => list.e.filter(([, kind]) => kind === 'file')

function put(list: List, ...entries: Tuple[]): void {
  list.e.push(...entries)
  list.e.sort(([a], [b]) => comparePaths(String(a), String(b)))
  list.head.entries = list.e.length
}

/** The size of one file, with the sum made to fit where it can. */
function resize(list: List, random: Mutator, size: unknown): void {
  const file = random.pick(files(list))
  if (typeof size === 'number') list.head.bytes = Number(list.head.bytes) - Number(file[2]) + size
  file[2] = size
}

const WRONG_SIZES: readonly ((random: Mutator) => unknown)[] = [
  (random) => -1 - random.below(1_000_000),
  (random) => 100_000 + random.below(2 ** 40),
  (random) => Number.MAX_SAFE_INTEGER - random.below(1_000),
  (random) => 2n ** 53n + BigInt(random.below(1_000)),
  (random) => 2n ** 63n - BigInt(1 + random.below(1_000)),
  (random) => 2n ** 64n - BigInt(1 + random.below(1_000)),
  (random) => 0.5 + random.below(100),
  (random) => String(random.below(1_000)),
  () => null,
  () => true,
  (random) => randomBytes(random, 3),
  () => [],
]

const WRONG_HEADS: readonly ((list: List, random: Mutator) => void)[] = [
  ({ head }, random) => void (head.entries = Number(head.entries) + 1 + random.below(100)),
  ({ head }, random) => void (head.entries = random.below(Number(head.entries))),
  ({ head }, random) => void (head.bytes = Number(head.bytes) + 1 + random.below(100)),
  ({ head }, random) => void (head.bytes = random.below(Number(head.bytes))),
  ({ head }, random) => void (head.bytes = 100_000 + random.below(2 ** 40)),
  ({ head }, random) => void (head.entries = -1 - random.below(9)),
  ({ head }) => void (head.kind = 'file'),
  ({ head }, random) => void (head.kind = random.pick(['link', '', 'FILE', 'folders', 7, null])),
  ({ head }, random) => void (head[word(random)] = 1),
  ({ head }, random) => void delete head[random.pick(['name', 'kind', 'entries', 'bytes'])],
  ({ head }, random) => void (head.name = random.pick([7, null, true, [], randomBytes(random, 4)])),
  ({ head }, random) => void (head.name = 'n'.repeat(256 + random.below(1_000))),
]

function wrongEntry(list: List, random: Mutator, index: number): void {
  const entry = random.pick(list.e) as unknown[]
  switch (index % 7) {
    case 0:
      entry.push(random.below(9))
      break
    case 1:
      entry.pop()
      break
    case 2:
      entry[1] = random.pick(['link', 'fifo', 'File', '', 'folder\0', 7, null])
      break
    case 3:
      entry[3] = random.pick([0.5, '1', null, 2n ** 60n, -(2n ** 60n)])
      break
    case 4:
      entry[4] = random.pick([0, 1, 'true', null])
      break
    case 5:
      entry[0] = random.pick([7, null, randomBytes(random, 5), [word(random)]])
      break
    default: {
      const folder = list.e.find(([, kind]) => kind === 'folder') as Tuple
      folder[2] = 1 + random.below(100)
    }
  }
}

export const SEALED_LISTS: readonly Family[] = [
  {
    name: 'sealed: names that climb out or mislead',
    count: 170,
    codes: ['ERR_UNSAFE_NAME', 'ERR_CONTENT_INVALID', 'ERR_LIMIT'],
    make: (random, index, outside) => {
      const list = honestList(random)
      const name = unsafeText(random, index, outside)
      if (index % 3 === 0) list.head.name = name === '' ? '..' : name
      else if (index % 3 === 1) put(list, [`${name}/${word(random)}`, 'file', 0, 0, false])
      else put(list, [`${word(random)}/${name}`, 'file', 0, 0, false])
      return sealedShare(random, list)
    },
  },
  {
    name: 'sealed: names that are no UTF-8',
    count: 30,
    codes: ['ERR_CONTENT_INVALID', 'ERR_UNSAFE_NAME'],
    make: (random) => {
      const list = honestList(random)
      const cbor = encodeList(list)
      const at = Buffer.from(cbor).indexOf(String(random.pick(list.e)[0]))
      cbor[at + random.below(8)] = 0x80 + random.below(64)
      return sealedShare(random, list, {}, cbor)
    },
  },
  {
    name: 'sealed: entries out of order',
    count: 60,
    codes: ['ERR_CONTENT_INVALID'],
    make: changed((list, random) => {
      const at = random.below(list.e.length - 1)
      const [one, other] = [list.e[at], list.e[at + 1]] as [Tuple, Tuple]
      list.e.splice(at, 2, other, one)
    }),
  },
  {
    name: 'sealed: an entry twice',
    count: 40,
    codes: ['ERR_CONTENT_INVALID', 'ERR_UNSAFE_NAME'],
    make: changed((list, random) => {
      const [path] = random.pick(list.e)
      put(list, [path, random.pick(['file', 'folder']), 0, 0, false])
    }),
  },
  {
    name: 'sealed: a file below a file',
    count: 50,
    codes: ['ERR_UNSAFE_NAME', 'ERR_CONTENT_INVALID'],
    make: changed((list, random) => {
      put(list, [
        `${String(random.pick(files(list))[0])}/${word(random)}`,
        random.pick(['file', 'folder']),
        0,
        0,
        false,
      ])
    }),
  },
  {
    name: 'sealed: an entry of another path kind in a share of one file',
    count: 20,
    codes: ['ERR_CONTENT_INVALID', 'ERR_UNSAFE_NAME'],
    make: changed((list, random) => {
      put(list, ['', random.pick(['file', 'folder']), 0, 0, false])
    }),
  },
  {
    name: 'sealed: sizes that cannot be',
    count: 120,
    codes: ['ERR_CONTENT_INVALID', 'ERR_LIMIT'],
    make: changed((list, random, index) => {
      resize(list, random, (WRONG_SIZES[index % WRONG_SIZES.length] as (typeof WRONG_SIZES)[number])(random))
    }),
  },
  {
    name: 'sealed: offsets that lie',
    count: 50,
    codes: ['ERR_CONTENT_INVALID'],
    make: changed((list, random) => {
      list.o = random.pick([
        1 + random.below(4_000),
        -1 - random.below(99),
        2 ** 40 + random.below(99),
        0.5,
        '0',
        null,
      ])
    }),
  },
  {
    name: 'sealed: heads that lie',
    count: 120,
    codes: ['ERR_CONTENT_INVALID', 'ERR_LIMIT'],
    make: changed((list, random, index) => {
      ;(WRONG_HEADS[index % WRONG_HEADS.length] as (typeof WRONG_HEADS)[number])(list, random)
    }),
  },
  {
    name: 'sealed: entries of a wrong form',
    count: 70,
    codes: ['ERR_CONTENT_INVALID'],
    make: changed(wrongEntry),
  },
  {
    name: 'sealed: more than anybody may hold',
    count: 60,
    codes: ['ERR_LIMIT', 'ERR_CONTENT_INVALID'],
    make: changed((list, random, index) => {
      if (index % 3 === 0) list.head.entries = 1_000_001 + random.below(2 ** 40)
      else if (index % 3 === 1)
        put(list, [
          `${`${random.pick(['a', 'b', 'c'])}/`.repeat(64 + random.below(300))}x`,
          'file',
          0,
          0,
          false,
        ])
      else {
        const folders = Array.from({ length: 5 }, () => word(random).padEnd(204, 'x')).join('/')
        put(list, [`${folders}${'y'.repeat(1 + random.below(30))}`, 'file', 0, 0, false])
      }
    }),
  },
]
