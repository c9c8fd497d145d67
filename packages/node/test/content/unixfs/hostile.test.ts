import { encode } from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import { CID } from 'multiformats/cid'
import { identity } from 'multiformats/hashes/identity'
import * as Digest from 'multiformats/hashes/digest'
import { expect, test } from 'vitest'
import { cidOf, DAG_CBOR, DAG_PB, RAW, sha256 } from '../../../src/content/cid.ts'
import { bucketAt, shardHash } from '../../../src/content/unixfs/shard-hash.ts'
import type { WalkLimits } from '../../../src/content/unixfs/limits.ts'
import { walkUnixfs } from '../../../src/content/unixfs/walk.ts'
import { Forge, field, nest, raw, varint } from '../../helpers/forge.ts'
import { codeOf } from './support.ts'

const walk = (forge: Forge, root: CID, limits: Partial<WalkLimits> = {}): Promise<string> =>
  codeOf(walkUnixfs(root, forge.getter, { limits }))

/** A forge and the root that the function makes in it, walked. */
async function outcome(make: (forge: Forge) => CID, limits?: Partial<WalkLimits>): Promise<string> {
  const forge = new Forge()
  return walk(forge, make(forge), limits)
}

/** A file node over one raw leaf with this UnixFS message. */
function fileWith(forge: Forge, message: number[], links = 1): CID {
  const Links = Array.from({ length: links }, () => ({ Hash: raw('x'), Name: '', Tsize: 1 }))
  return forge.node(Uint8Array.from(message), Links)
}

const FILE = field(1, 2)

test('honest versions of the nodes below are accepted', async () => {
  expect(await outcome((forge) => forge.folder([['a', raw('a')]]))).toBe('accepted')
  expect(await outcome((forge) => forge.file([5, 6], [raw('a'), raw('b')]))).toBe('accepted')
  expect(await outcome((forge) => fileWith(forge, [...FILE, ...field(3, 5), ...field(4, 5)]))).toBe(
    'accepted',
  )
  expect(await outcome((forge) => forge.shard([[bucketName('a'), raw('a')]]))).toBe('accepted')
})

const lies: Record<string, (forge: Forge) => CID> = {
  'a file size that is not the sum': (forge) => fileWith(forge, [...FILE, ...field(3, 6), ...field(4, 5)]),
  'more sizes than links': (forge) => fileWith(forge, [...FILE, ...field(4, 5), ...field(4, 5)]),
  'fewer sizes than links': (forge) => fileWith(forge, [...FILE, ...field(4, 5)], 2),
  'no sizes': (forge) => fileWith(forge, FILE),
  'a negative size': (forge) => fileWith(forge, [...FILE, ...field(4, 2n ** 64n - 5n)]),
  'a size above 2^53': (forge) => fileWith(forge, [...FILE, ...field(4, 2n ** 53n)]),
  'a sum of sizes above 2^53': (forge) => {
    const part = forge.file([], [])
    const message = Uint8Array.from([...FILE, ...field(4, 2n ** 52n), ...field(4, 2n ** 52n)])
    return forge.node(
      message,
      [part, part].map((Hash) => ({ Hash, Name: '', Tsize: 1 })),
    )
  },
  'a size of too many bytes': (forge) => fileWith(forge, [...FILE, 0x20, ...Array<number>(11).fill(0x80), 1]),
  'a part with another size than stated': (forge) => forge.file([6], [forge.file([5], [raw('a')])]),
  'a folder as a part of a file': (forge) => forge.file([0], [forge.folder([])]),
  'a shard as a part of a file': (forge) => forge.file([0], [forge.shard([])]),
  'links and inline bytes in one node': (forge) => forge.file([1], [raw('a')], { data: Uint8Array.of(1) }),
  'a symbolic link': (forge) => forge.folder([['l', forge.node(new UnixFS({ type: 'symlink' }).marshal())]]),
  'a metadata node': (forge) => forge.node(new UnixFS({ type: 'metadata' }).marshal()),
  'an unknown type': (forge) => forge.node(Uint8Array.from(field(1, 6))),
  'no type': (forge) => forge.node(Uint8Array.from(field(3, 0))),
  'no UnixFS at all': (forge) => forge.keep(encode({ Links: [] })),
  'a field of the wrong kind': (forge) => forge.node(Uint8Array.of(...FILE, 0x22, 1, 5)),
  'a time out of range': (forge) => forge.node(Uint8Array.of(...FILE, 0x42, 11, 8, ...varint(2n ** 62n))),
  'a name twice': (forge) =>
    forge.folder([
      ['a', raw('a')],
      ['a', raw('b')],
    ]),
  'a name twice, apart': (forge) => {
    const link = (name: string): Uint8Array => encode({ Links: [{ Hash: raw(name), Name: name, Tsize: 1 }] })
    const data = Uint8Array.of(0x0a, 2, 8, 1)
    return forge.keep(Buffer.concat([link('b'), link('a'), link('b'), data]))
  },
  'a block that is no dag-pb': (forge) => forge.keep(Buffer.from('hello')),
  'an empty block': (forge) => forge.keep(new Uint8Array(0)),
  'a link to dag-cbor': (forge) => forge.folder([['a', cidOf(DAG_CBOR, sha256(Buffer.from('a')))]]),
  'an identity link': (forge) => forge.folder([['a', CID.createV1(RAW, identity.digest(Buffer.from('a')))]]),
  'a link with another hash': (forge) =>
    forge.folder([['a', CID.createV1(RAW, Digest.create(0x1b, new Uint8Array(32)))]]),
  'a link with a cut digest': (forge) =>
    forge.folder([['a', CID.createV1(RAW, Digest.create(0x12, new Uint8Array(16)))]]),
  'a bit field without the bucket': (forge) =>
    forge.shard([[bucketName('a'), raw('a')]], { bits: new Uint8Array(32) }),
  'a bit field with more buckets': (forge) =>
    forge.shard([[bucketName('a'), raw('a')]], { bits: new Uint8Array(32).fill(255) }),
  'a bit field that is too long': (forge) =>
    forge.shard([[bucketName('a'), raw('a')]], { bits: new Uint8Array(33).fill(1) }),
  'a shard with another hash function': (forge) =>
    forge.shard([[bucketName('a'), raw('a')]], { hashType: 0x23 }),
  'a prefix in small letters': (forge) =>
    forge.shard([[bucketName('b').toLowerCase().replace(/^../, 'ab'), raw('a')]]),
  'a name without a prefix': (forge) => forge.shard([['A', raw('a')]]),
  'a name in the wrong bucket': (forge) =>
    forge.shard([[bucketName('a').replace(/^../, otherBucket('a')), raw('a')]]),
  'a bucket twice': (forge) =>
    forge.shard([
      [bucketName('a'), raw('a')],
      [bucketName('a'), raw('b')],
    ]),
  'an empty shard inside a shard': (forge) => forge.shard([['00', forge.shard([])]]),
  'a raw block as a shard': (forge) => forge.shard([['00', raw('a')]]),
  'a folder as a shard': (forge) => forge.shard([['00', forge.folder([['a', raw('a')]])]]),
  'a shard of another fanout inside': (forge) =>
    forge.shard([
      [bucketName('a').slice(0, 2), forge.shard([[nested('a', 512), raw('a')]], { fanout: 512 })],
    ]),
  'a shard at the wrong place': (forge) =>
    forge.shard([[otherBucket('a'), forge.shard([[level1('a'), raw('a')]])]]),
}

function hex(bucket: number, digits = 2): string {
  return bucket.toString(16).toUpperCase().padStart(digits, '0')
}
function bucketName(name: string): string {
  return hex(bucketAt(shardHash(name), 0, 8)) + name
}
function level1(name: string): string {
  return hex(bucketAt(shardHash(name), 1, 8)) + name
}
function otherBucket(name: string): string {
  return hex((bucketAt(shardHash(name), 0, 8) + 1) % 256)
}
function nested(name: string, fanout: number): string {
  return hex(bucketAt(shardHash(name), 1, Math.log2(fanout)), 3) + name
}

test.each(Object.entries(lies))('%s is refused', async (_, make) => {
  expect(await outcome(make)).toBe('ERR_CONTENT_INVALID')
})

test.each([0, 2, 4, 12, 96, 2_048])('a shard of %i buckets is refused', async (fanout) => {
  expect(await outcome((forge) => forge.shard([], { fanout, bits: new Uint8Array(1) }))).toBe(
    'ERR_CONTENT_INVALID',
  )
})

test('the message names a symbolic link', async () => {
  const forge = new Forge()
  const root = forge.node(new UnixFS({ type: 'symlink', data: Buffer.from('/etc') }).marshal())
  await expect(walkUnixfs(root, forge.getter)).rejects.toThrow('symbolic link')
})

test.each([
  ['empty', Buffer.alloc(0)],
  ['a slash', Buffer.from('a/b')],
  ['NUL', Buffer.from('a\0')],
  ['a dot', Buffer.from('.')],
  ['two dots', Buffer.from('..')],
  ['a lone continuation byte', Buffer.from([0x61, 0x80])],
  ['an overlong slash', Buffer.from([0xc0, 0xaf])],
  ['a surrogate', Buffer.from([0xed, 0xa0, 0x80])],
  ['a cut character', Buffer.from([0xe2, 0x82])],
])('a name that is %s is refused as unsafe', async (_, name) => {
  const link = Buffer.concat([
    Buffer.from([0x0a, 36]),
    raw('x').bytes,
    Buffer.from([0x12, name.byteLength]),
    name,
    Buffer.from([0x18, 1]),
  ])
  const node = Buffer.concat([Buffer.from([0x12, link.byteLength]), link, Buffer.from([0x0a, 2, 8, 1])])
  expect(await outcome((forge) => forge.keep(node))).toBe('ERR_UNSAFE_NAME')
})

test('a root that is no dag-pb or raw sha2-256 is refused before anything is asked for', async () => {
  const roots = [
    cidOf(DAG_CBOR, sha256(Buffer.from('a'))),
    CID.createV1(RAW, identity.digest(Buffer.from('a'))),
    CID.createV1(DAG_PB, Digest.create(0x1b, new Uint8Array(32))),
  ]
  for (const root of roots) {
    const never = (): Promise<Uint8Array[]> => Promise.reject(new Error('asked'))
    expect(await codeOf(walkUnixfs(root, never))).toBe('ERR_CONTENT_INVALID')
  }
})

/** Shards of 8 buckets inside each other, the innermost with one name at its right place. */
function shardChain(forge: Forge, name: string, shards: number): CID {
  const hash = shardHash(name)
  let cid = forge.shard([[hex(bucketAt(hash, shards - 1, 3), 1) + name, raw(name)]], { fanout: 8 })
  for (let level = shards - 2; level >= 0; level--) {
    cid = forge.shard([[hex(bucketAt(hash, level, 3), 1), cid]], { fanout: 8 })
  }
  return cid
}

test('shards nest as deep as the hash has bits and no deeper', async () => {
  expect(await outcome((forge) => shardChain(forge, 'n', 21))).toBe('accepted')
  const deeper = await outcome((forge) => {
    let cid = shardChain(forge, 'n', 1)
    for (let i = 0; i < 21; i++) cid = forge.shard([['0', cid]], { fanout: 8 })
    return cid
  })
  expect(deeper).toBe('ERR_CONTENT_INVALID')
})

test('limits of the caller are held, at every position of a repeated node', async () => {
  const forge = new Forge()
  const file = forge.file([5, 5], [raw('a'), raw('b')])
  const root = forge.folder([
    ['x', file],
    ['y', file],
  ])
  const exact: Partial<WalkLimits> = { entries: 2, leaves: 4, nodes: 2, bytes: 20 }
  expect(await walk(forge, root, exact)).toBe('accepted')
  for (const key of ['entries', 'leaves', 'nodes', 'bytes'] as const) {
    expect(await walk(forge, root, { ...exact, [key]: (exact[key] as number) - 1 })).toBe('ERR_LIMIT')
  }
})

test('the limit on bytes counts what raw blocks claim and what was got', async () => {
  const forge = new Forge()
  expect(await walk(forge, forge.folder([['a', raw('a'), 100]]), { bytes: 99 })).toBe('ERR_LIMIT')
  const block = Buffer.alloc(50)
  const root = cidOf(RAW, sha256(block))
  expect(await codeOf(walkUnixfs(root, async () => [block], { limits: { bytes: 49 } }))).toBe('ERR_LIMIT')
})

test('a block of more than 1 MiB is refused', async () => {
  const block = new Uint8Array(1_048_577)
  for (const codec of [RAW, DAG_PB] as const) {
    expect(await codeOf(walkUnixfs(cidOf(codec, sha256(block)), async () => [block]))).toBe('ERR_LIMIT')
  }
})

test('an aborted walk asks no further and throws the reason', async () => {
  const forge = new Forge()
  const root = nest(10, forge.folder([]), (child) => forge.folder([['d', child]]))
  const controller = new AbortController()
  const reason = new Error('stopped')
  let calls = 0
  const { getter } = forge
  const walking = walkUnixfs(
    root,
    async (cids) => {
      if (++calls === 3) controller.abort(reason)
      return getter(cids)
    },
    { signal: controller.signal },
  )
  await expect(walking).rejects.toBe(reason)
  expect(calls).toBe(3)
})

test('what getNodes throws comes out, and a wrong number of blocks is a fault', async () => {
  const forge = new Forge()
  const root = forge.folder([])
  const failure = new Error('gone')
  await expect(walkUnixfs(root, () => Promise.reject(failure))).rejects.toBe(failure)
  expect(await codeOf(walkUnixfs(root, async () => []))).toBe('ERR_INTERNAL')
})
