/** Honest shares with a few bytes altered by their own publisher: everything still verifies and opens. */
import { encode } from '@ipld/dag-cbor'
import { Forge, bucketPrefix, raw } from '../../helpers/forge.ts'
import { cidOf, RAW, sha256 } from '../../../src/content/cid.ts'
import { encodeList, honestList, sealedShare } from './sealed-lists.ts'
import { publicShare, randomBytes, word, type Family } from './share.ts'

const REFUSED = [
  'ERR_CONTENT_INVALID',
  'ERR_LIMIT',
  'ERR_UNSAFE_NAME',
  'ERR_WRONG_KEY',
  'ERR_DISK_FULL',
] as const

export const MUTATIONS: readonly Family[] = [
  {
    name: 'altered: public nodes',
    count: 300,
    codes: [...REFUSED, 'ERR_CONTENT_GONE'],
    mayBeHarmless: true,
    mayKeepParts: true,
    make: (random) => {
      const forge = new Forge()
      const leaf = randomBytes(random, 20 + random.below(50))
      const cid = cidOf(RAW, sha256(leaf))
      const name = word(random)
      const samples = [
        forge.folder([[name, cid, leaf.byteLength]]),
        forge.file([leaf.byteLength], [cid]),
        forge.shard([[`${bucketPrefix(name)}${name}`, cid]]),
        forge.folder([[name, raw(name), 1]]),
      ].map((sample) => forge.blocks.get(sample.toString()) as Uint8Array)
      return publicShare(forge, forge.keep(random.mutate([random.pick(samples), ...samples])), [leaf])
    },
  },
  {
    name: 'altered: sealed lists',
    count: 200,
    codes: REFUSED,
    mayBeHarmless: true,
    mayKeepParts: true,
    make: (random) => {
      const list = honestList(random)
      const other = encode({ o: 0, e: [] })
      return sealedShare(random, list, {}, random.mutate([encodeList(list), encodeList(list), other]))
    },
  },
  {
    name: 'altered: sealed roots',
    count: 150,
    codes: [...REFUSED, 'ERR_CONTENT_GONE'],
    mayBeHarmless: true,
    mayKeepParts: true,
    make: (random) =>
      sealedShare(random, honestList(random), { rootBytes: (bytes) => random.mutate([bytes]) }),
  },
]
