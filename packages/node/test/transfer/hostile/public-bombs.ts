/** Public shares that unfold to more than anybody could hold. */
import type { CID } from 'multiformats/cid'
import { Forge, nest, raw } from '../../helpers/forge.ts'
import type { Mutator } from '../../helpers/mutate.ts'
import { publicShare, word, type Family, type HostileShare } from './share.ts'

const MIB = 1_048_576

function folderOf(forge: Forge, random: Mutator, width: number, child: CID): CID {
  const prefix = word(random)
  return forge.folder(
    Array.from({ length: width }, (_, i) => [`${prefix}${String(i).padStart(4, '0')}`, child]),
  )
}

function partsOf(forge: Forge, width: number, size: number, child: CID): CID {
  return forge.file(Array<number>(width).fill(size), Array<CID>(width).fill(child))
}

function made(make: (forge: Forge) => CID): HostileShare {
  const forge = new Forge()
  return publicShare(forge, make(forge))
}

export const PUBLIC_BOMBS: readonly Family[] = [
  {
    name: 'public: folders nested too deep',
    count: 30,
    codes: ['ERR_LIMIT'],
    make: (random) =>
      made((forge) =>
        nest(65 + random.below(300), raw(word(random)), (child) => forge.folder([[word(random), child]])),
      ),
  },
  {
    name: 'public: nodes of a file nested too deep',
    count: 25,
    codes: ['ERR_LIMIT'],
    make: (random) =>
      made((forge) => {
        const size = 1 + random.below(MIB)
        return nest(66 + random.below(300), raw(word(random)), (child) => forge.file([size], [child]))
      }),
  },
  {
    name: 'public: a node used again at every level',
    count: 40,
    codes: ['ERR_LIMIT'],
    make: (random) =>
      made((forge) => {
        const inner = random.pick([raw(word(random)), forge.folder([]), forge.file([], [])])
        const width = 2 + random.below(3)
        const name = (i: number): string => String.fromCharCode(0x61 + i)
        return nest(20 + random.below(44), inner, (child) =>
          forge.folder(Array.from({ length: width }, (_, i) => [name(i), child])),
        )
      }),
  },
  {
    name: 'public: more entries than a million by few nodes',
    count: 25,
    codes: ['ERR_LIMIT'],
    make: (random) =>
      made((forge) =>
        nest(3 + random.below(5), random.pick([raw(word(random)), forge.folder([])]), (child) =>
          folderOf(forge, random, 101 + random.below(200), child),
        ),
      ),
  },
  {
    name: 'public: more leaves than can be numbered by few nodes',
    count: 25,
    codes: ['ERR_LIMIT'],
    make: (random) =>
      made((forge) => {
        const width = 500 + random.below(524)
        return nest(3 + random.below(4), random.pick([raw(word(random)), forge.file([], [])]), (child) =>
          partsOf(forge, width, 0, child),
        )
      }),
  },
  {
    name: 'public: sizes that grow with every level',
    count: 25,
    codes: ['ERR_LIMIT', 'ERR_CONTENT_INVALID'],
    make: (random) =>
      made((forge) => {
        let size = 1 + random.below(MIB)
        const width = 900 + random.below(124)
        return nest(3 + random.below(3), raw(word(random)), (child) => {
          const cid = partsOf(forge, width, Math.min(size, Number.MAX_SAFE_INTEGER), child)
          size *= width
          return cid
        })
      }),
  },
  {
    name: 'public: more bytes than the disk has',
    count: 12,
    codes: ['ERR_DISK_FULL'],
    make: (random) =>
      made((forge) => {
        const width = 5_000 + random.below(500)
        const file = partsOf(forge, width, MIB, raw(word(random)))
        return folderOf(forge, random, 1_000, partsOf(forge, 8, width * MIB, file))
      }),
  },
  {
    name: 'public: a raw block of more than 1 MiB',
    count: 20,
    codes: ['ERR_LIMIT'],
    make: (random, index) =>
      made((forge) => {
        const bytes = MIB + 1 + random.below(2 ** 40)
        return index % 2 === 0
          ? forge.file([bytes], [raw(word(random))])
          : forge.folder([[word(random), raw(word(random)), bytes]])
      }),
  },
  {
    name: 'public: names and paths that are too long',
    count: 30,
    codes: ['ERR_LIMIT'],
    make: (random, index) =>
      made((forge) => {
        if (index % 2 === 0) return forge.folder([['n'.repeat(256 + random.below(5_000)), raw(word(random))]])
        const length = 206 + random.below(49)
        return nest(5 + random.below(5), raw(word(random)), (child) =>
          forge.folder([[word(random).padEnd(length, 'x'), child]]),
        )
      }),
  },
  {
    name: 'public: more links than a node may have',
    count: 8,
    codes: ['ERR_LIMIT'],
    make: (random) =>
      made((forge) => partsOf(forge, 8_193 + random.below(2_000), 1 + random.below(MIB), raw(word(random)))),
  },
]
