/** How `shoal space` speaks of spaces and of who is in them. Read the snapshots aloud. */
import type { SpaceInvitation } from '@shoal/node/control'
import { expect, test } from 'vitest'
import { logLimit, reportLog } from '../../src/output/space/log.ts'
import {
  reportInvitations,
  reportInvite,
  reportMembers,
  reportRemoved,
  reportRevoked,
  reportRole,
} from '../../src/output/space/people.ts'
import {
  askWhether,
  reportDecided,
  reportJoin,
  reportRequests,
  reportSuspect,
} from '../../src/output/space/joining.ts'
import { reportCheck, reportCreated, reportLeft, reportSpaces } from '../../src/output/space/spaces.ts'
import { fakeOutput, jsonLines, type FakeOutput } from '../support.ts'
import { HOSTILE, id, SPACE, STUDIO, SELF, BEN, SUMMARY, INVITATION, LINK, forms } from './space-forms.ts'

test('a list of spaces, with one that cannot be used, one that was left and one of a strange name', () => {
  const fault = { code: 'ERR_DISK', message: `${HOSTILE} is damaged`, hint: '' } as const
  const unwritten = { ...fault, message: 'the log of the space is full' }
  const spaces = [
    SUMMARY,
    { ...SUMMARY, id: id('23'), unwritten },
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

test('members, their roles, and what putting one out cannot do', () => {
  expect(forms((output) => reportMembers(output, [SELF, BEN]))).toMatchSnapshot('listed')
  expect(forms((output) => reportRole(output, STUDIO, { ...BEN, role: 'founder' }))).toMatchSnapshot('a role')
  expect(
    forms((output) => reportRemoved(output, STUDIO, BEN, { members: 7, unwritten: null })),
  ).toMatchSnapshot('put out')
  const alone = forms((output) => reportRemoved(output, STUDIO, BEN, { members: 1, unwritten: null }))[
    'terminal'
  ]
  const unwritten = { code: 'ERR_LIMIT', message: 'the log of the space is full', hint: '' } as const
  const full = forms((output) => reportRemoved(output, STUDIO, BEN, { members: 7, unwritten }))
  expect(full).toMatchSnapshot('without new keys')
  expect(jsonLines(full['json'] ?? '')[1]).toMatchObject({ type: 'warning', code: 'WARN_NO_NEW_KEYS' })
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

const REQUEST = {
  id: '0123456789abcdef',
  name: HOSTILE,
  role: 'read',
  code: '418 902',
  askedMs: Date.UTC(2026, 10, 23, 5),
  invite: id('12'),
} as const

test('a device joins', () => {
  const joining = { type: 'joining', name: HOSTILE, code: null } as const
  expect(
    forms((output) => {
      reportJoin(output, { ...joining, state: 'searching' })
      reportJoin(output, { ...joining, state: 'asking' })
      reportJoin(output, { ...joining, state: 'comparing', code: '418 902' })
      reportJoin(output, { type: 'joined', ...SPACE, isNew: true })
    }),
  ).toMatchSnapshot('with approval')
  expect(
    forms((output) => {
      reportJoin(output, { ...joining, name: '', state: 'searching' })
      reportJoin(output, { ...joining, name: '', state: 'comparing', code: '000 001' })
    }),
  ).toMatchSnapshot('into a space whose name is not known')
  const before = { type: 'joined', id: id('ef'), name: HOSTILE, isNew: false } as const
  expect(forms((output) => reportJoin(output, before))).toMatchSnapshot('once more')
})

test('who asks is let in or refused', () => {
  const all = [REQUEST, { ...REQUEST, id: 'fedcba9876543210', name: '', role: 'manage' } as const]
  expect(forms((output) => reportRequests(output, STUDIO, all))).toMatchSnapshot('two')
  expect(forms((output) => reportRequests(output, STUDIO, []))).toMatchSnapshot('nobody')
  const question = fakeOutput('terminal', { isShared: true })
  askWhether(question, REQUEST)
  askWhether(question, { ...REQUEST, name: '' })
  expect(question.screen.text).toMatchSnapshot('the question')
  expect(forms((output) => reportDecided(output, STUDIO, REQUEST, 'approved'))).toMatchSnapshot('let in')
  expect(
    forms((output) => reportDecided(output, STUDIO, { ...REQUEST, name: '' }, 'refused')),
  ).toMatchSnapshot('refused')
  expect(forms((output) => reportSuspect(output, STUDIO, REQUEST))).toMatchSnapshot('too many refused')
})
