/** Public shares whose nodes are encoded as no honest tool does it, sharded badly, or named to climb out. */
import {
  Forge,
  bucketPrefix,
  bytesField,
  field,
  linkBytes,
  otherPrefix,
  raw,
  varint,
} from '../../helpers/forge.ts'
import type { CID } from 'multiformats/cid'
import type { Mutator } from '../../helpers/mutate.ts'
import { unsafeBytes } from './names.ts'
import { lie, around } from './public-lies.ts'
import { publicShare, randomBytes, word, type Family } from './share.ts'

const FOLDER = Uint8Array.from(field(1, 1))
const HAMT_TYPE = 5
const MURMUR3 = 0x22

/** One byte string of several parts, as a block. */
const block = (forge: Forge, ...parts: readonly (Uint8Array | readonly number[])[]): CID =>
  forge.keep(Buffer.concat(parts.map((part) => Uint8Array.from(part))))

const link = (random: Mutator, name = word(random)): Uint8Array =>
  linkBytes(raw(word(random)), Buffer.from(name), 1 + random.below(999))

const ENCODINGS: readonly ((forge: Forge, random: Mutator) => CID)[] = [
  // The data twice, and links on both sides of it.
  (forge, random) => block(forge, link(random), bytesField(1, FOLDER), bytesField(1, FOLDER)),
  (forge, random) => block(forge, link(random), bytesField(1, FOLDER), link(random)),
  // Fields that dag-pb does not have, before and after, and of the wrong kind.
  (forge, random) => block(forge, link(random), bytesField(1, FOLDER), field(3 + random.below(12), 1)),
  (forge, random) =>
    block(forge, bytesField(3 + random.below(12), randomBytes(random, 5)), bytesField(1, FOLDER)),
  (forge, random) => block(forge, link(random), field(1, random.below(99))),
  (forge, random) => block(forge, [0x15, 1, 2, 3, random.below(256)], bytesField(1, FOLDER)),
  // No data at all, bytes at the end, and lengths that lie.
  (forge, random) => block(forge, link(random)),
  (forge, random) =>
    block(
      forge,
      link(random),
      bytesField(1, FOLDER),
      randomBytes(random, 1 + random.below(3)).map((byte) => byte & 0x81),
    ),
  (forge, random) => block(forge, link(random), [0x0a, 3 + random.below(120), 8, 1]),
  (forge, random) =>
    block(forge, [0x12, ...varint(2n ** BigInt(7 + random.below(50)))], bytesField(1, FOLDER)),
  (forge, random) => block(forge, [0x0a, ...Array<number>(10 + random.below(20)).fill(0x80), 1], FOLDER),
  // A link without a hash, with its fields twice or in another order, with unknown ones.
  (forge, random) =>
    block(forge, bytesField(2, bytesField(2, Buffer.from(word(random)))), bytesField(1, FOLDER)),
  (forge, random) =>
    block(
      forge,
      bytesField(
        2,
        Buffer.concat([bytesField(2, Buffer.from(word(random))), bytesField(1, raw(word(random)).bytes)]),
      ),
      bytesField(1, FOLDER),
    ),
  (forge, random) =>
    block(
      forge,
      bytesField(
        2,
        Buffer.concat([bytesField(1, raw(word(random)).bytes), bytesField(1, raw(word(random)).bytes)]),
      ),
      bytesField(1, FOLDER),
    ),
  (forge, random) =>
    block(
      forge,
      bytesField(
        2,
        Buffer.concat([
          bytesField(1, raw(word(random)).bytes),
          Uint8Array.from(field(4 + random.below(9), 1)),
        ]),
      ),
      bytesField(1, FOLDER),
    ),
  // A hash that is no CID.
  (forge, random) =>
    block(forge, bytesField(2, bytesField(1, randomBytes(random, random.below(40)))), bytesField(1, FOLDER)),
  (forge, random) =>
    block(
      forge,
      bytesField(
        2,
        bytesField(1, Buffer.concat([raw(word(random)).bytes, randomBytes(random, 1 + random.below(9))])),
      ),
      bytesField(1, FOLDER),
    ),
  // The message of UnixFS: fields of the wrong kind, too many of them, numbers that are too long.
  (forge, random) => block(forge, bytesField(1, Uint8Array.from([0x0a, 1, random.below(256)]))),
  (forge, random) => block(forge, bytesField(1, Uint8Array.of(8, 2, 0x22, 1, random.below(256)))),
  (forge, random) =>
    block(
      forge,
      bytesField(
        1,
        Buffer.concat(
          Array.from({ length: 33 + random.below(60) }, () => Uint8Array.from(field(7, random.below(99)))),
        ),
      ),
    ),
  (forge, random) =>
    block(forge, bytesField(1, Uint8Array.from([...field(1, 2), ...field(8, random.below(99))]))),
  (forge, random) =>
    block(
      forge,
      bytesField(
        1,
        Buffer.concat([
          FOLDER,
          bytesField(8, Uint8Array.from([8, ...varint(2n ** 62n + BigInt(random.below(99)))])),
        ]),
      ),
    ),
  (forge, random) =>
    block(forge, bytesField(1, Uint8Array.from([8, ...Array<number>(11).fill(0x80 + random.below(9)), 1]))),
  (forge, random) =>
    block(
      forge,
      bytesField(
        1,
        randomBytes(random, 1 + random.below(4)).map((byte) => byte | 0x80),
      ),
    ),
  // No dag-pb whatever.
  (forge, random) => block(forge, Buffer.from(`hello ${word(random)}`)),
]

function badShard(forge: Forge, random: Mutator, index: number): CID {
  const name = word(random)
  const child = raw(word(random))
  const right = `${bucketPrefix(name)}${name}`
  const wrongFanout = random.pick([0, 1, 2, 3, 4, 5, 12, 96, 255, 257, 2_048, 4_096, 2 ** 31])
  const prefix = bucketPrefix(name)
  const makes: (() => CID)[] = [
    () =>
      forge.node(Uint8Array.from([...field(1, HAMT_TYPE), ...field(5, MURMUR3), ...field(6, wrongFanout)]), [
        { Hash: child, Name: right, Tsize: 1 },
      ]),
    () => forge.shard([[right, child]], { hashType: random.pick([0, 0x11, 0x12, 0x21, 0x23, 0x1e, 255]) }),
    () => forge.shard([[right, child]], { bits: randomBytes(random, 33 + random.below(40)) }),
    () => forge.shard([[right, child]], { bits: new Uint8Array(32) }),
    () => forge.shard([[right, child]], { bits: new Uint8Array(32).fill(255, random.below(30)) }),
    () => forge.shard([[`${otherPrefix(name)}${name}`, child]]),
    () => forge.shard([[name.slice(0, 1).toUpperCase(), child]]),
    () => forge.shard([[`${prefix.toLowerCase().replace(/\d/g, 'z')}${name}`, child]]),
    () =>
      forge.shard([
        [right, child],
        [right, raw(word(random))],
      ]),
    () => forge.shard([[prefix, forge.shard([])]]),
    () => forge.shard([[prefix, child]]),
    () => forge.shard([[prefix, forge.folder([[name, child]])]]),
    () => forge.shard([[prefix, forge.file([1], [child])]]),
    () => forge.shard([[otherPrefix(name), forge.shard([[`${bucketPrefix(name, 1)}${name}`, child]])]]),
    () =>
      forge.shard([[prefix, forge.shard([[`0${bucketPrefix(name, 1)}${name}`, child]], { fanout: 512 })]]),
    () => {
      const bits = new Uint8Array(32)
      bits[0] = 0x80
      bits[31] = 1
      const data = [
        Uint8Array.from(field(1, HAMT_TYPE)),
        bytesField(2, bits),
        Uint8Array.from([...field(5, MURMUR3), ...field(6, 256)]),
      ]
      // No encoder writes links that are not in order.
      return block(
        forge,
        link(random, `FF${name}`),
        link(random, `00${name}`),
        bytesField(1, Buffer.concat(data)),
      )
    },
  ]
  return (makes[index % makes.length] as () => CID)()
}

export const PUBLIC_ENCODINGS: readonly Family[] = [
  {
    name: 'public: encodings that no tool makes',
    count: 150,
    codes: ['ERR_CONTENT_INVALID'],
    make: lie((forge, random, index) =>
      (ENCODINGS[index % ENCODINGS.length] as (typeof ENCODINGS)[number])(forge, random),
    ),
  },
  { name: 'public: shards that lie', count: 160, codes: ['ERR_CONTENT_INVALID'], make: lie(badShard) },
  {
    name: 'public: names that climb out or mislead',
    count: 200,
    codes: ['ERR_UNSAFE_NAME', 'ERR_LIMIT'],
    make: (random, index, outside) => {
      const forge = new Forge()
      const bytes = unsafeBytes(random, index, outside)
      const child = random.pick([raw(word(random)), forge.folder([]), forge.file([1], [raw(word(random))])])
      const node = Buffer.concat([linkBytes(child, bytes), bytesField(1, FOLDER)])
      return publicShare(forge, around(forge, random, forge.keep(node)))
    },
  },
]
