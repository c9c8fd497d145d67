import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DAG_CBOR, DAG_PB, cidOf, sha256 } from '../../src/content/cid.ts'
import { comparePaths } from '../../src/content/entry.ts'
import { joinPages } from '../../src/store/sealing.ts'
import { decodeHead, decodeRecord, encodeRecord, type ShareRecord } from '../../src/store/share-record.ts'
import { locatorOf, type Location } from '../../src/store/shared-paths.ts'
import type { WalkedEntry } from '../../src/store/walk-facts.ts'

const seed = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)
const NO_FACTS = { size: 0, mtimeNs: 0n, ctimeNs: 0n, inode: 0n }

const entry = fc.record({
  path: fc.stringMatching(/^[a-zé日]{1,12}(\/[a-z.]{1,8}){0,3}$/u),
  isFolder: fc.boolean(),
  size: fc.integer({ min: 0, max: 2 ** 43 }),
  mtimeMs: fc.integer({ min: -1e12, max: 4e12 }),
  executable: fc.boolean(),
  mtimeNs: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  ctimeNs: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  inode: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
})

const record = fc
  .record({
    isSeveral: fc.boolean(),
    given: fc.uniqueArray(entry, { maxLength: 30, selector: ({ path }) => path }),
    key: fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 }), { nil: undefined }),
    name: fc.string({ maxLength: 60, unit: 'grapheme' }).filter((text) => text.isWellFormed()),
    preserve: fc.boolean(),
    exclude: fc.array(fc.string({ maxLength: 20 }), { maxLength: 5 }),
    madeMs: fc.integer({ min: 0, max: 4e12 }),
    digests: fc.integer({ min: 0, max: 20 }),
  })
  .map(({ given, isSeveral, key, name, digests, ...rest }): ShareRecord => {
    const tops = [...new Set(given.map(({ path }) => path.split('/')[0] ?? ''))]
    const several = ['/home/bob/A', '/home/bob/B', ...tops.map((top, i) => `/home/ada/${i}/${top}`)]
    const paths = isSeveral ? several : ['/home/ada/Holiday']
    const locationOf = locatorOf(paths)
    const entries = given
      .toSorted((a, b) => comparePaths(a.path, b.path))
      .map((from): WalkedEntry => {
        const { size, mtimeNs, ctimeNs, inode } = from
        const kind = from.isFolder ? 'folder' : 'file'
        const executable = !from.isFolder && from.executable
        const facts = from.isFolder
          ? { ...NO_FACTS, kind, executable }
          : { kind, executable, size, mtimeNs, ctimeNs, inode }
        return {
          path: from.path,
          kind,
          size: from.isFolder ? 0 : size,
          mtimeMs: from.mtimeMs,
          executable,
          ...(locationOf(from.path) as Location),
          facts: facts as WalkedEntry['facts'],
        }
      })
    return {
      ...rest,
      ...(key === undefined ? {} : { key }),
      isPublic: key === undefined,
      paths,
      name,
      kind: 'folder',
      root: cidOf(key === undefined ? DAG_PB : DAG_CBOR, sha256(Buffer.from(name))),
      bytes: entries.reduce((sum, { size }) => sum + size, 0) % Number.MAX_SAFE_INTEGER,
      entries,
      manifest: joinPages('x', 'folder', entries),
      digests: new Uint8Array(digests * 32).fill(7),
    }
  })

test(`what is recorded is read again (seed ${seed})`, () => {
  fc.assert(
    fc.property(record, (given) => {
      const bytes = encodeRecord(given)
      const read = decodeRecord(bytes)
      expect({ ...read, digests: [...read.digests], manifest: [...read.manifest] }).toEqual({
        ...given,
        digests: [...given.digests],
        manifest: [...given.manifest],
      })
      const { entries: _entries, manifest: _manifest, digests: _digests, ...head } = read
      expect(decodeHead(bytes)).toEqual(head)
    }),
    { seed, numRuns: 200 },
  )
})

test(`a record with any bit flipped, or cut anywhere, is refused (seed ${seed})`, () => {
  fc.assert(
    fc.property(
      record,
      fc.double({ min: 0, max: 1, maxExcluded: true }),
      fc.boolean(),
      (given, at, isCut) => {
        const bytes = encodeRecord(given)
        const bit = Math.floor(at * bytes.byteLength * 8)
        const damaged = isCut ? bytes.slice(0, bit >> 3) : bytes.slice()
        if (!isCut) damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7))
        for (const read of [decodeHead, decodeRecord]) {
          expect(() => read(damaged)).toThrow(expect.objectContaining({ code: 'ERR_HOME_INVALID' }) as Error)
        }
      },
    ),
    { seed, numRuns: 300 },
  )
})

test('a share of one path is written as before there could be several', () => {
  const [given] = fc.sample(record, { seed, numRuns: 1 }) as [ShareRecord]
  expect(encodeRecord({ ...given, paths: ['/a'] })[15]).toBe(1)
  expect(encodeRecord({ ...given, paths: ['/a', '/b'] })[15]).toBe(2)
})

describe('what is whole and still no record', () => {
  const [given] = fc.sample(record, { seed, numRuns: 1 }) as [ShareRecord]
  const resign = (bytes: Uint8Array): Uint8Array => {
    const body = bytes.subarray(0, -32)
    return Buffer.concat([body, sha256(body)])
  }
  test('of a newer version', () => {
    const bytes = encodeRecord(given)
    bytes[15] = 3
    expect(() => decodeHead(resign(bytes))).toThrow('newer version')
  })

  test('with an entry that lies at none of its paths', () => {
    const facts = { ...NO_FACTS, kind: 'folder', executable: false } as const
    const entries: WalkedEntry[] = [
      { path: 'c', kind: 'folder', size: 0, mtimeMs: 1, executable: false, source: '/x/c', below: '', facts },
    ]
    const manifest = joinPages('x', 'folder', entries)
    const bytes = encodeRecord({ ...given, paths: ['/x/a', '/x/b'], entries, manifest })
    expect(() => decodeRecord(bytes)).toThrow('none of its paths')
  })

  test('with parts that do not fit', () => {
    const bytes = Buffer.concat([encodeRecord(given).subarray(0, -32), Buffer.alloc(5), Buffer.alloc(32)])
    expect(() => decodeRecord(resign(bytes))).toThrow('do not fit')
  })
})

test('100,000 files and 1,000,000 blocks are read in a moment', () => {
  const entries = Array.from({ length: 100_000 }, (_, i): WalkedEntry => {
    const path = `folder/file-${String(i).padStart(6, '0')}`
    const facts = { kind: 'file', executable: false, size: 10, mtimeNs: 1n, ctimeNs: 2n, inode: 3n } as const
    return {
      path,
      kind: 'file',
      size: 10,
      mtimeMs: 1,
      executable: false,
      source: `/x/${path}`,
      below: path,
      facts,
    }
  })
  const [base] = fc.sample(record, { seed, numRuns: 1 }) as [ShareRecord]
  const manifest = joinPages('x', 'folder', entries)
  const bytes = encodeRecord({
    ...base,
    paths: ['/x'],
    entries,
    manifest,
    digests: new Uint8Array(32_000_000),
  })
  const startMs = performance.now()
  expect(decodeRecord(bytes).entries.length).toBe(100_000)
  // A tenth of this on an idle machine; shared ones are slow at times.
  expect(performance.now() - startMs).toBeLessThan(5_000)
  expect(bytes.byteLength).toBeLessThan(42_000_000)
})
