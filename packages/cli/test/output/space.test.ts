/** How `shoal space` speaks, in each of the forms that a person or a script may get. Read the snapshots aloud. */
import type { SpaceEntry, SpaceInvitation, SpaceMember, SpaceSummary } from '@shoal/node/control'
import { expect, test } from 'vitest'
import { AddReporter } from '../../src/output/space/add-reporter.ts'
import { reportSpaceChange } from '../../src/output/space/changes.ts'
import { reportExported } from '../../src/output/space/exported.ts'
import { GetReporter } from '../../src/output/space/get-reporter.ts'
import { logLimit, reportLog } from '../../src/output/space/log.ts'
import { writeMore } from '../../src/output/space/matches.ts'
import {
  reportInvitations,
  reportInvite,
  reportMembers,
  reportRemoved,
  reportRevoked,
  reportRole,
} from '../../src/output/space/people.ts'
import { entryFormat } from '../../src/output/space/rows.ts'
import { reportCheck, reportCreated, reportLeft, reportSpaces } from '../../src/output/space/spaces.ts'
import { WatchReporter } from '../../src/output/space/watch.ts'
import { named } from '../../src/space-names.ts'
import { SPACE_CHANGES } from '../../src/strings/spaces.ts'
import { PLAN, fakeOutput, jsonLines, type FakeOutput } from '../support.ts'

const HOSTILE = 'holiday\u202egpj.exe\u001b[31m\n\ttail'
const id = (text: string): string => text.repeat(64 / text.length)
const SPACE = { id: id('3f9c'), name: 'studio' }
const STUDIO = named(SPACE)
const ENTRY: SpaceEntry = {
  path: 'clips/sea.mov',
  bytes: 2_100_000_000,
  type: 'video/quicktime',
  modifiedMs: Date.UTC(2026, 10, 21, 7, 2, 3),
  title: '',
  note: '',
  tags: ['done', 'raw'],
  author: id('ab'),
  root: 'bafyroot',
  here: true,
}
const OTHER: SpaceEntry = {
  ...ENTRY,
  path: HOSTILE,
  bytes: 5,
  tags: ['a\tb', HOSTILE],
  title: 'Sea',
  note: HOSTILE,
  here: false,
}
const SELF: SpaceMember = { id: id('ab'), role: 'founder', isSelf: true }
const BEN: SpaceMember = { id: id('cd'), role: 'read', isSelf: false }
const SUMMARY: SpaceSummary = {
  ...SPACE,
  role: 'founder',
  members: 2,
  entries: 1_204,
  bytes: 210_000_000_000,
  fault: null,
}
const INVITATION: SpaceInvitation = {
  id: id('12'),
  role: 'write',
  instant: false,
  usesLeft: 2,
  expiresMs: Date.UTC(2026, 10, 30, 12),
}
const LINK = { id: id('12'), link: 'shoal://join/bafyspace#AQID.hints' }

/** What it says in each form: on the terminal, in a pipe with its notes before, with `--json`, with `--quiet`. */
function forms(speak: (output: FakeOutput) => void): Record<string, string> {
  const terminal = fakeOutput('terminal', { isShared: true })
  const pipe = fakeOutput('plain')
  const [json, quiet] = [fakeOutput('json'), fakeOutput('quiet')]
  for (const output of [terminal, pipe, json, quiet]) speak(output)
  expect([json.screen.text, quiet.screen.text]).toEqual(['', ''])
  for (const line of jsonLines(json.out.text)) expect(typeof line['type']).toBe('string')
  const all = { terminal: terminal.screen.text, notes: pipe.screen.text, pipe: pipe.out.text }
  // What the screen of a test does not know, it refuses.
  for (const text of Object.values(all)) {
    for (const sign of ['\u001b', '\u202e']) expect(text).not.toContain(sign)
  }
  return { ...all, json: json.out.text, quiet: quiet.out.text }
}

test('a list of spaces, with one that cannot be used, one that was left and one of a strange name', () => {
  const fault = { code: 'ERR_DISK', message: `${HOSTILE} is damaged`, hint: '' } as const
  const spaces = [
    SUMMARY,
    { ...SUMMARY, id: id('ef'), name: HOSTILE, role: null, members: 1, entries: 1, bytes: 3 },
    { ...SUMMARY, id: id('01'), name: '', role: null, members: 0, entries: 0, bytes: 0, fault },
  ]
  expect(forms((output) => reportSpaces(output, spaces))).toMatchSnapshot('three')
  expect(forms((output) => reportSpaces(output, []))).toMatchSnapshot('none')
})

test('a space is founded, left and checked', () => {
  expect(forms((output) => reportCreated(output, SPACE, true))).toMatchSnapshot('founded')
  // Asked for once in a home.
  const second = forms((output) => reportCreated(output, { ...SPACE, name: 'Summer 2026' }, false))
  expect(second['terminal']).toBe(
    `✓ Summer 2026 is a space now. To put files in: shoal space add 3f9c3f9c3f9c PATH\n${SPACE.id}`,
  )
  expect(forms((output) => reportLeft(output, STUDIO, { ...SUMMARY, role: null }))).toMatchSnapshot('left')
  const found = (isSound: boolean) => (output: FakeOutput) =>
    reportCheck(output, STUDIO, { isSound, batches: 12 })
  expect(forms(found(true))).toMatchSnapshot('sound')
  expect(forms(found(false))).toMatchSnapshot('unsound')
})

test('rows of entries, also with names that would drive the terminal', () => {
  const rows = forms((output) => {
    const format = entryFormat(output)
    for (const entry of [ENTRY, OTHER]) output.stdout.write(`${format(entry)}\n`)
  })
  expect(rows['pipe']).toBe(
    [
      `2100000000\t2026-11-21T07:02:03.000Z\there\t${ENTRY.author}\tdone,raw\tclips/sea.mov`,
      `5\t2026-11-21T07:02:03.000Z\tlisted\t${ENTRY.author}\ta\\u{9}b,holiday\\u{202e}gpj.exe\\u{1b}[31m\\u{a}\\u{9}tail\tholiday\\u{202e}gpj.exe\\u{1b}[31m\\u{a}\\u{9}tail`,
      '',
    ].join('\n'),
  )
  expect(jsonLines(rows['json'] ?? '')[1]).toEqual({
    type: 'entry',
    path: HOSTILE,
    bytes: 5,
    tags: ['a\tb', HOSTILE],
    author: ENTRY.author,
    here: false,
    media: 'video/quicktime',
    mtime: ENTRY.modifiedMs,
    title: 'Sea',
    note: HOSTILE,
    root: 'bafyroot',
  })
  expect(rows['terminal']).toMatch(
    /^ 2\.1 GB {2}2026-11-2\d \d\d:\d2 {2}here {4}clips\/sea\.mov {2}#done {2}#raw\n/,
  )
  expect(rows['terminal']).toMatch(
    /\n {4}5 B .* listed {2}holiday\\u\{202e\}.*\n {35}Sea\n {35}holiday\\u\{202e\}/,
  )
  expect(rows['quiet']).toBe('clips/sea.mov\nholiday\\u{202e}gpj.exe\\u{1b}[31m\\u{a}\\u{9}tail\n')
})

test('what was changed, and how it is undone', () => {
  const change = { batches: [id('12')], entries: 3 }
  const told = (Object.keys(SPACE_CHANGES) as (keyof typeof SPACE_CHANGES)[]).map(
    (action) => forms((output) => reportSpaceChange(output, action, change, STUDIO))['terminal'],
  )
  expect(told).toMatchSnapshot('each')
  expect(forms((output) => reportSpaceChange(output, 'rm', change, STUDIO))).toMatchSnapshot('one change')
  const several = { batches: [id('12'), id('34')], entries: 400 }
  expect(forms((output) => reportSpaceChange(output, 'add', several, STUDIO))).toMatchSnapshot('two changes')
  const many = { batches: Array.from({ length: 9 }, (_, i) => id(String(i))), entries: 2_000 }
  expect(forms((output) => reportSpaceChange(output, 'mv', many, STUDIO))['terminal']).toMatchSnapshot(
    'many changes',
  )
  const none = { batches: [], entries: 0 }
  expect(forms((output) => reportSpaceChange(output, 'tag', none, STUDIO))).toMatchSnapshot('nothing changed')
})

test('members, their roles, and what putting one out cannot do', () => {
  expect(forms((output) => reportMembers(output, [SELF, BEN]))).toMatchSnapshot('listed')
  expect(forms((output) => reportRole(output, STUDIO, { ...BEN, role: 'founder' }))).toMatchSnapshot('a role')
  expect(forms((output) => reportRemoved(output, STUDIO, BEN, 7))).toMatchSnapshot('put out')
  const alone = forms((output) => reportRemoved(output, STUDIO, BEN, 1))['terminal']
  expect(alone?.replaceAll(/\n */g, ' ')).toMatch(/This device has new keys\.$/)
})

test('invitations', () => {
  const said = (made: SpaceInvitation | undefined): Record<string, string> =>
    forms((output) => reportInvite(output, STUDIO, LINK, made))
  const [asks, lets] = [said(INVITATION), said({ ...INVITATION, instant: true, role: 'read', expiresMs: 0 })]
  for (const each of [asks, lets]) {
    each['terminal'] = each['terminal']?.replace(/\d{4}-\d\d-\d\d \d\d:\d\d/, 'TIME') ?? ''
    // The link has a line of its own, with blank ones around.
    expect(each['terminal']).toContain(`\n\n${LINK.link}\n\n`)
    expect([each['pipe'], each['quiet']]).toEqual([`${LINK.link}\n`, `${LINK.link}\n`])
  }
  expect(asks).toMatchSnapshot('asks')
  expect(lets).toMatchSnapshot('lets in')
  expect(said(undefined)['pipe']).toBe(`${LINK.link}\n`)
  const listed = forms((output) =>
    reportInvitations(output, STUDIO, [INVITATION, { ...INVITATION, instant: true, expiresMs: 0 }]),
  )
  expect(listed['pipe']).toBe(
    `${LINK.id}\twrite\tapproval\t2\t2026-11-30T12:00:00.000Z\n${LINK.id}\twrite\tinstant\t2\t-\n`,
  )
  expect(listed['terminal']).toMatch(
    /^121212121212 {2}2 devices, Editor, until 2026-11-30 \d\d:00 {2}after approval\n121212121212 {2}2 devices, Editor, without end {2}at once$/,
  )
  expect(jsonLines(listed['json'] ?? '').map(({ expires }) => expires)).toEqual([INVITATION.expiresMs, null])
  expect(forms((output) => reportInvitations(output, STUDIO, []))).toMatchSnapshot('none')
  expect(forms((output) => reportRevoked(output, STUDIO, INVITATION))).toMatchSnapshot('revoked')
})

test('the log tells who did what, and what does not count', () => {
  const event = {
    batch: id('12'),
    author: SELF.id,
    kind: 'put',
    path: 'a',
    text: null,
    counts: true,
  } as const
  const events = [
    { ...event, kind: 'note', text: HOSTILE, author: BEN.id, counts: false },
    { ...event, kind: 'title', path: '', text: 'Film', batch: id('34') },
    { ...event, kind: 'unknown' },
    event,
  ] as const
  expect(forms((output) => reportLog(output, STUDIO, events, new Set([SELF.id])))).toMatchSnapshot('rows')
  const terminal = fakeOutput('terminal', { isShared: true })
  expect([logLimit(terminal), logLimit(fakeOutput('plain')), logLimit(fakeOutput('json'))]).toEqual([
    100, 1_000, 1_000,
  ])
  reportLog(
    terminal,
    STUDIO,
    Array.from({ length: 100 }, () => event),
    new Set(),
  )
  expect(terminal.screen.text).toMatch(
    /\nThese are the last 100\. More of them: shoal space log studio \| less$/,
  )
})

test('a search that told of fewer than match says so', () => {
  expect(
    forms((output) => writeMore(output, 'studio', { shown: 100, total: 240, isCut: false })),
  ).toMatchSnapshot('some more')
  expect(
    forms((output) => writeMore(output, 'studio', { shown: 500, total: 500, isCut: true })),
  ).toMatchSnapshot('many more')
})

test('a live query tells what came, went and changed', () => {
  const told = forms((output) => {
    const reporter = new WatchReporter(output)
    reporter.matches({ entries: [ENTRY, OTHER], total: 2, isCut: false })
    reporter.matches({
      entries: [
        { ...ENTRY, tags: [] },
        { ...ENTRY, path: 'new' },
      ],
      total: 2,
      isCut: false,
    })
  })
  expect(told['pipe']).toBe(
    [
      '+\t2100000000\tclips/sea.mov',
      '+\t5\tholiday\\u{202e}gpj.exe\\u{1b}[31m\\u{a}\\u{9}tail',
      '-\t5\tholiday\\u{202e}gpj.exe\\u{1b}[31m\\u{a}\\u{9}tail',
      '~\t2100000000\tclips/sea.mov',
      '+\t2100000000\tnew',
      '',
    ].join('\n'),
  )
  expect(told['quiet']?.split('\n')).toHaveLength(5)
  expect(told['terminal']).toMatch(/^\+ {3}2\.1 GB {2}clips\/sea\.mov\n/)
  expect(jsonLines(told['json'] ?? '').map(({ type }) => type)).toEqual([
    'found',
    'entry',
    'entry',
    'found',
    'entry',
    'entry',
  ])
  expect(jsonLines(told['json'] ?? '')[0]).toEqual({ type: 'found', entries: 2, total: 2, cut: false })
})

test('files are read to be put in, and no link of them is told', () => {
  const told = forms((output) => {
    const reporter = new AddReporter(output, ['/home/ada/clips', `/home/ada/${HOSTILE}`])
    reporter.start(STUDIO)
    reporter.event({ type: 'hashing', bytes: 500, total: 1_000 })
    const ready = {
      name: 'clips',
      kind: 'folder',
      bytes: 1_000,
      files: 2,
      sealed: true,
      addresses: [],
    } as const
    reporter.event({ type: 'ready', link: 'shoal://bafy#SECRET', root: 'bafy', ...ready })
    reporter.event({ type: 'warning', code: 'WARN_SKIPPED', message: `left out ${HOSTILE}` })
    reporter.clear()
    reporter.close()
  })
  expect(JSON.stringify(told)).not.toContain('SECRET')
  expect(told['pipe']).toBe('')
  expect(told['terminal']).toBe('! left out holiday\\u{202e}gpj.exe\\u{1b}[31m\\u{a}\\u{9}tail')
  expect(told['notes']).toBe(
    'space studio: reading\nspace studio: 50% read, 500 bytes\nwarning: left out holiday\\u{202e}gpj.exe\\u{1b}[31m\\u{a}\\u{9}tail',
  )
  expect(jsonLines(told['json'] ?? '').map(({ type }) => type)).toEqual(['hashing', 'warning'])
})

test('what was fetched: each file, and not the folders of the single fetches', () => {
  const done = {
    root: 'b',
    path: '/in/Holiday',
    bytes: 5,
    seconds: 1,
    bytesFetched: 5,
    bytesReused: 0,
  } as const
  const got = Array.from({ length: 12 }, (_, i) => ({ path: `f${i}`, file: `/in/f${i}`, bytes: 5 }))
  const told = forms((output) => {
    const reporter = new GetReporter(output)
    for (let fetch = 0; fetch < 2; fetch++) {
      reporter.event(PLAN)
      reporter.event({ type: 'done', ...done, transferSeconds: 1 })
    }
    reporter.got(got)
    reporter.close()
  })
  expect(told['pipe']).toBe(got.map(({ file }) => `${file}\n`).join(''))
  expect(told['quiet']).toBe(told['pipe'])
  expect(told['terminal']).toMatch(/✓ Holiday[^]*✓ Holiday[^]*\n\/in\/f9\nand 2 files more there$/)
  expect(told['terminal']).not.toContain('/in/Holiday')
  expect(jsonLines(told['json'] ?? '').filter(({ type }) => type === 'got')).toHaveLength(12)
})

test('an export into a file', () => {
  expect(forms((output) => reportExported(output, STUDIO, { file: '/a.jsonl', entries: 2 }))).toMatchSnapshot(
    'in a file',
  )
})
