/** Who is said to have something now and cannot be connected to, and who left. */
import { expect, test } from 'vitest'
import { ShoalError } from '../../../src/errors.ts'
import type { FoundBy } from '../../../src/events.ts'
import { AbsentPeers } from '../../../src/transfer/swarm/absent-peers.ts'
import { BarredError } from '../../../src/transfer/swarm/barred-error.ts'
import { DeclinedError } from '../../../src/transfer/swarm/declined-error.ts'
import type { Lead, LeadSource } from '../../../src/transfer/swarm/lead.ts'
import { SWARM_LIMITS } from '../../../src/transfer/swarm/swarm-limits.ts'
import { Simulation } from '../../helpers/simulation.ts'

const REFUSED = new ShoalError('ERR_NO_PROVIDER', 'does not answer')

function world() {
  const simulation = new Simulation(1)
  const absent = new AbsentPeers(simulation.seams.clock)
  const fail = (id: string, name: FoundBy = 'dht', error: unknown = REFUSED): void =>
    absent.failed({ name } as LeadSource, { key: `key of ${id}`, peerId: id } as Lead, error)
  const count = (): number => absent.unreachable(() => 0).count
  const leave = (peer: string, hasAll: boolean): void =>
    absent.left({ peer, requester: { availability: { hasAll } } as never })
  return { absent, fail, count, leave, pass: (ms: number) => simulation.pass(ms) }
}

test('who is named by the network at this time, and does not answer, is unreachable', () => {
  const { fail, count, absent } = world()
  for (const name of ['lan', 'dht', 'exchange'] as const) fail(name, name)
  fail('lan', 'dht')
  expect(count()).toBe(3)
  // Whether these are on is not known to anybody.
  for (const name of ['link', 'peer', 'seen'] as const) fail(name, name)
  expect(count()).toBe(3)
  expect(absent.unreachable(({ name }) => (name === 'dht' ? 700 : 900)).retryMs).toBe(700)
  expect(world().absent.unreachable(() => 0)).toEqual({ count: 0, retryMs: undefined })
})

test('who answers, lied before or was connected is not', () => {
  const { fail, count, absent } = world()
  for (const id of ['a', 'b', 'c', 'd']) fail(id)
  fail('a', 'dht', new DeclinedError(undefined))
  fail('b', 'dht', new BarredError())
  fail('c', 'dht', new ShoalError('ERR_CONTENT_INVALID', 'a lie'))
  absent.came('d')
  fail('d')
  expect(count()).toBe(0)
})

test('who is named by nobody any more is forgotten, and of many the oldest', async () => {
  const { fail, count, pass } = world()
  fail('a')
  await pass(SWARM_LIMITS.unreachableMs)
  fail('b')
  expect(count()).toBe(2)
  await pass(1)
  expect(count()).toBe(1)
  for (let i = 0; i < 2 * SWARM_LIMITS.maxRecords; i++) fail(String(i))
  expect(count()).toBe(SWARM_LIMITS.maxRecords)
})

test('who left last, and who of those that had everything', async () => {
  const { absent, leave, pass } = world()
  expect(absent.last).toBeUndefined()
  leave('mia', true)
  await pass(1_000)
  leave('ben', false)
  expect(absent.last).toEqual({ peer: 'ben', atMs: 1_700_000_001_000 })
  expect(absent.lastWhole).toEqual({ peer: 'mia', atMs: 1_700_000_000_000 })
})
