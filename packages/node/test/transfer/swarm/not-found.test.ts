import { describe, expect, test } from 'vitest'
import type { Entry } from '../../../src/content/entry.ts'
import { RAW, cidOf, sha256 } from '../../../src/content/cid.ts'
import type { FoundBy } from '../../../src/events.ts'
import { DeclinedError } from '../../../src/transfer/swarm/declined-error.ts'
import { lackingOf, type Lacking } from '../../../src/transfer/swarm/lacking.ts'
import { notFound } from '../../../src/transfer/swarm/not-found.ts'
import { BusyError } from '../../../src/transfer/wire/requester.ts'
import { SourceReport } from '../../../src/transfer/swarm/source-report.ts'

const ROOT = cidOf(RAW, sha256(Buffer.from('root')))
const NAMED = { root: ROOT, hints: { name: 'Holiday', peerId: 'p' } }
const BARE = { root: ROOT, hints: {} }

function report(sources: Partial<Record<FoundBy, ('none' | 'declined' | 'opened')[]>>): SourceReport {
  const made = new SourceReport(Object.keys(sources) as FoundBy[])
  for (const [name, devices] of Object.entries(sources) as [FoundBy, string[]][]) {
    for (const device of devices) {
      made.heard(name)
      if (device === 'opened') made.opened(name)
      else made.failed(name, device === 'declined' ? new DeclinedError(undefined) : new Error(device))
    }
  }
  return made
}

const facts = { link: NAMED, waitedMs: 30_400, busy: undefined, unready: [] }

test('it says who was asked, for how long, and what each said', () => {
  const error = notFound({
    ...facts,
    report: report({ link: ['none'], seen: [], lan: [], dht: ['none', 'none', 'declined'] }),
  })
  expect(error).toMatchObject({
    code: 'ERR_NO_PROVIDER',
    message:
      'nobody who has "Holiday" answers; asked for 30 s: the sender (no answer), devices met before (nobody has it), ' +
      'this local network (nobody has it), the network (no answer)',
  })
})

test('a network that was not reached is told from one that knows nobody', () => {
  const { message } = notFound({ ...facts, report: report({ dht: [] }), unready: ['dht'] })
  expect(message).toContain('the network (not reached)')
})

test('a bare CID or ipfs:// is told that Shoal asks Shoal devices only', () => {
  const found = notFound({ ...facts, link: BARE, report: report({ lan: [], dht: [] }) })
  expect(found.code).toBe('ERR_NO_PROVIDER')
  expect(found.hint).toContain('Shoal asks devices that run Shoal, not the rest of the IPFS network')
  expect(notFound({ ...facts, report: report({ lan: [] }) }).hint).not.toContain('IPFS')
})

test('who says that it has it no more is believed only while nobody else had it', () => {
  expect(notFound({ ...facts, report: report({ link: ['declined'], lan: [] }) }).code).toBe(
    'ERR_CONTENT_GONE',
  )
  expect(notFound({ ...facts, report: report({ link: ['none'], lan: ['declined'] }) }).code).toBe(
    'ERR_NO_PROVIDER',
  )
  const broke = notFound({ ...facts, report: report({ link: ['declined'], lan: ['opened'] }) })
  expect(broke.code).toBe('ERR_NO_PROVIDER')
  expect(broke.message).toContain('this local network (answered, then broke off)')
})

test('a device that was busy to the last is told', () => {
  const busy = notFound({ ...facts, report: report({ link: ['opened'] }), busy: new BusyError(1) })
  expect(busy.message).toContain('busy all the time')
})

describe('when those who are connected have a part', () => {
  const lacking = { name: 'Holiday', percentHere: 97, file: 'a/b', hasOthers: true }
  const of = (part: Partial<typeof lacking> | { file: undefined }): string =>
    notFound({ ...facts, report: report({ peer: ['opened'] }), lacking: { ...lacking, ...part } }).message

  test('it says how much is here and what is not', () => {
    expect(of({})).toBe(
      '97 % of "Holiday" is here, and nobody who is connected has the rest, "a/b" and other files; waited for 30 s',
    )
    expect(of({ hasOthers: false })).toContain(', "a/b"; waited')
    expect(of({ file: undefined })).toContain('has the rest; waited')
  })

  test('names are shown harmless', () => {
    expect(of({ name: 'x\u202e', file: 'y\n' })).toContain('"x\\u{202e}" is here')
  })
})

describe('what is lacking', () => {
  const entry = (path: string): Entry => ({ path, kind: 'file', size: 10 })
  const plan = {
    name: 'Holiday',
    entries: ['a', 'b', 'c'].map(entry),
    // Each block has two neighbours.
    blocks: {
      piecesOf: (block: number) => [block, block + 1].map((at) => ({ entry: at, offset: 0, length: 1 })),
    },
  }
  const of = (needed: number[], selected = [1, 1, 1], bytes = 20): Lacking | undefined =>
    lackingOf({ plan, isSelected: Uint8Array.from(selected), needed, bytes, total: 30 })

  test('is the first file that is not whole, and whether others are not', () => {
    expect(of([1])).toEqual({ name: 'Holiday', percentHere: 66, file: 'b', hasOthers: true })
    expect(of([1], [1, 0, 1])).toMatchObject({ file: 'c', hasOthers: false })
  })

  test('is nothing where nothing that was asked for is needed', () => {
    expect(of([])).toBeUndefined()
    expect(of([0], [0, 0, 1])).toBeUndefined()
  })

  test('is never told as everything', () => {
    expect(of([0], [1, 1, 1], 30)?.percentHere).toBe(99)
  })

  test('of a single file is named by the share', () => {
    const single = {
      ...plan,
      entries: [entry('')],
      blocks: { piecesOf: () => [{ entry: 0, offset: 0, length: 1 }] },
    }
    const isSelected = Uint8Array.of(1)
    expect(lackingOf({ plan: single, isSelected, needed: [0], bytes: 0, total: 0 })).toEqual({
      name: 'Holiday',
      percentHere: 0,
      file: undefined,
      hasOthers: false,
    })
  })
})
