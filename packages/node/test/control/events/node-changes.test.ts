/** What becomes of a node as its log tells it: the status while somebody listens, and shares as they are looked up. */
import { expect, test } from 'vitest'
import { NodeChanges } from '../../../src/control/events/node-changes.ts'
import { STATUS_INTERVAL_MS } from '../../../src/control/limits.ts'
import type { ChangeEvent, GapEvent, StatusEvent } from '../../../src/events.ts'
import type { KnownShare } from '../../../src/transfer/known-share.ts'
import { Simulation } from '../../helpers/simulation.ts'

const SHARE: KnownShare = {
  root: 'r',
  link: 'l',
  name: 'n',
  bytes: 1,
  sealed: true,
  state: 'serving',
  pinned: false,
  keptBytes: 0,
}

function world() {
  const simulation = new Simulation(1)
  let isShedding = false
  let status = { type: 'status', up: 0, uptime: 0 } as StatusEvent
  let asked = 0
  let share: KnownShare | 'closed' | undefined
  const changes = new NodeChanges({
    seams: simulation.seams,
    status: () => {
      asked++
      // How late things run is another number at each look.
      return { ...status, uptime: asked, loop: { delayMs: asked, shedding: isShedding, shed: asked } }
    },
    shareOf: async () => {
      if (share === 'closed') throw new Error('the index is closed')
      return share
    },
  })
  const events: (ChangeEvent | GapEvent)[] = []
  const stop = new AbortController()
  return {
    changes,
    events,
    stop,
    asked: () => asked,
    setStatus: (facts: Partial<StatusEvent>) => void (status = { ...status, ...facts }),
    shed: () => void (isShedding = true),
    setShare: (now: KnownShare | 'closed' | undefined) => void (share = now),
    listen: async () => {
      for await (const event of changes.after(changes.lastId, stop.signal)) events.push(event)
    },
    pass: (ms: number) => simulation.pass(ms),
  }
}

test('the status is told when it is another, and looked at only while somebody listens', async () => {
  const { events, stop, asked, setStatus, shed, listen, pass } = world()
  await pass(10 * STATUS_INTERVAL_MS)
  expect(asked()).toBe(0)
  const listening = listen()
  await pass(5 * STATUS_INTERVAL_MS)
  expect(events).toMatchObject([{ event: { type: 'status', up: 0 } }])
  setStatus({ up: 7 })
  await pass(2 * STATUS_INTERVAL_MS)
  expect(events).toMatchObject([{}, { event: { type: 'status', up: 7 } }])
  shed()
  await pass(2 * STATUS_INTERVAL_MS)
  expect(events).toMatchObject([{}, {}, { event: { type: 'status', loop: { shedding: true } } }])
  stop.abort()
  await listening
  const before = asked()
  await pass(10 * STATUS_INTERVAL_MS)
  expect(asked()).toBe(before)
})

test('a share is told as it stands, and what is known of receivers ends with it', async () => {
  const { changes, events, stop, setShare, listen, pass } = world()
  const listening = listen()
  const receivers = {
    type: 'receivers',
    root: 'r',
    blocks: 1,
    downloading: 1,
    finished: 0,
    active: [],
    otherCopies: { connected: 0, lastSeen: null },
  } as const
  setShare(SHARE)
  changes.onShare('r')
  changes.onServing(receivers)
  await pass(0)
  expect(changes.receivers(['r', 'other'])).toEqual([receivers])
  setShare({ ...SHARE, state: 'stopped' })
  changes.onShare('r')
  await pass(0)
  expect(changes.receivers(['r'])).toEqual([])
  setShare('closed')
  changes.onShare('r')
  setShare(undefined)
  changes.onShare('r')
  await pass(0)
  stop.abort()
  await listening
  expect(events.flatMap((one) => (one.type === 'change' ? [one.event] : []))).toMatchObject([
    { type: 'status' },
    receivers,
    { type: 'share', name: 'n', state: 'serving' },
    { type: 'share', state: 'stopped' },
    { type: 'gone', kind: 'share', id: 'r' },
  ])
})

test('a share that was removed to make room is told to be gone for that, and the next of its root is not', async () => {
  const { changes, events, stop, setShare, listen, pass } = world()
  const listening = listen()
  await pass(1)
  setShare(SHARE)
  changes.onEvict('r', 'begins')
  setShare(undefined)
  // As it ends for those who shared it.
  changes.onShare('r')
  changes.onEvict('r', 'done')
  await pass(1)
  setShare(SHARE)
  changes.onShare('r')
  await pass(1)
  setShare(undefined)
  changes.onShare('r')
  await pass(1)
  const told = events.flatMap((each) => (each.type === 'change' ? [each.event] : []))
  expect(told.filter(({ type }) => type !== 'status')).toEqual([
    { type: 'gone', kind: 'share', id: 'r', why: 'quota' },
    { type: 'share', ...SHARE },
    { type: 'gone', kind: 'share', id: 'r' },
  ])
  stop.abort()
  await listening
})

test('who asks to be let into a space is told, each time with all that wait', async () => {
  const { changes, events, stop, listen, pass } = world()
  const listening = listen()
  await pass(1)
  const request = { id: '0123456789abcdef', name: 'Ben', role: 'read', code: '418 902', askedMs: 1 } as const
  const requests = [{ ...request, invite: '12'.repeat(32) }]
  changes.onRequests('a', requests)
  await pass(1)
  changes.onRequests('a', [])
  await pass(1)
  stop.abort()
  await listening.catch(() => {})
  const told = events.flatMap((event) => (event.type === 'change' ? [event.event] : []))
  expect(told.filter(({ type }) => type === 'requests')).toEqual([
    { type: 'requests', space: 'a', requests },
    { type: 'requests', space: 'a', requests: [] },
  ])
})
