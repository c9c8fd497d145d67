import { describe, expect, test } from 'vitest'
import { RAW, cidOf, sha256 } from '../../../src/content/cid.ts'
import { TRANSFER_LIMITS } from '../../../src/transfer/limits.ts'
import { Session } from '../../../src/transfer/wire/session.ts'
import { SessionTable } from '../../../src/transfer/wire/session-table.ts'
import { ManualChannel } from '../../helpers/manual-channel.ts'
import { Simulation } from '../../helpers/simulation.ts'

const root = cidOf(RAW, sha256(Buffer.from('root')))
const other = cidOf(RAW, sha256(Buffer.from('other')))
const { seams } = new Simulation(1)

/** An open session of `local` with `remote`, and the channel that it runs over. */
function session(
  opener: 'here' | 'there',
  { local = 'b', remote = 'c', of = root } = {},
): { session: Session; channel: ManualChannel } {
  const channel = new ManualChannel(local, remote)
  const init = { channel, seams, limits: TRANSFER_LIMITS }
  if (opener === 'here') {
    const opened = Session.open(init, of)
    channel.openAsAnswerer(of)
    return { session: opened, channel }
  }
  const answered = Session.answer(init, () => of)
  channel.openAsOpener(of)
  return { session: answered, channel }
}

describe('of two streams that crossed, the one stays that the smaller id opened', () => {
  test.each([
    ['b', 'c', 'here'],
    ['c', 'b', 'there'],
  ] as const)('%s with %s keeps the one opened %s, whichever came first', (local, remote, keeps) => {
    for (const order of [
      ['here', 'there'],
      ['there', 'here'],
    ] as const) {
      const table = new SessionTable()
      const both = order.map((opener) => {
        const made = session(opener, { local, remote })
        return { ...made, opener, isEntered: table.enter(made.session) }
      })
      for (const { opener, channel, session: each } of both) {
        expect(each.isEnded).toBe(opener !== keeps)
        expect(channel.all('bye')).toEqual(opener === keeps ? [] : [{ t: 'bye', why: 'duplicate' }])
      }
      expect(both[1]?.isEntered).toBe(both[1]?.opener === keeps)
      expect(table.of(root)).toHaveLength(1)
      expect(table.find(root, remote)?.isOpener).toBe(keeps === 'here')
    }
  })
})

test('sessions of other roots and with other peers are no duplicates', () => {
  const table = new SessionTable()
  const open = [session('here'), session('there', { of: other }), session('there', { remote: 'd' })]
  expect(open.map((each) => table.enter(each.session))).toEqual([true, true, true])
  expect(open.some((each) => each.session.isEnded)).toBe(false)
  expect(table.of(root)).toHaveLength(2)
})

test('several operations of the same side stay beside each other', () => {
  const table = new SessionTable()
  const open = [session('there'), session('there')]
  for (const each of open) table.enter(each.session)
  expect(open.some((each) => each.session.isEnded)).toBe(false)
  // One that crosses, of the smaller id, takes the place of both.
  expect(table.enter(session('here').session)).toBe(true)
  expect(open.every((each) => each.session.isEnded)).toBe(true)
})

test('a session that ended is forgotten, and the next is no duplicate of it', () => {
  const table = new SessionTable()
  const first = session('here').session
  table.enter(first)
  first.fail(new Error('cut'))
  expect(table.of(root)).toEqual([])
  expect(table.enter(session('there').session)).toBe(true)
  expect(table.enter(first)).toBe(false)
})

test('entering a session again does nothing', () => {
  const table = new SessionTable()
  const { session: only } = session('here')
  expect([table.enter(only), table.enter(only)]).toEqual([true, true])
  expect(table.of(root)).toEqual([only])
})

test('a node that talks to itself keeps both ends', () => {
  const table = new SessionTable()
  const ends = [session('here', { local: 'b', remote: 'b' }), session('there', { local: 'b', remote: 'b' })]
  expect(ends.map((end) => table.enter(end.session))).toEqual([true, true])
})
