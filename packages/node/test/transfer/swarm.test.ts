import { expect, test } from 'vitest'
import { RAW, cidOf, sha256 } from '../../src/content/cid.ts'
import { ShoalError } from '../../src/errors.ts'
import type { FoundBy } from '../../src/events.ts'
import type { Channel } from '../../src/network/channel.ts'
import type { Lead, LeadSource } from '../../src/transfer/lead.ts'
import { TRANSFER_LIMITS } from '../../src/transfer/limits.ts'
import { ProviderSearch, type ProviderSearchInit } from '../../src/transfer/provider-search.ts'
import { Session } from '../../src/transfer/session.ts'
import { SWARM_LIMITS } from '../../src/transfer/swarm-limits.ts'
import { delay } from '../../src/util/seams.ts'
import { Simulation } from '../helpers/simulation.ts'

const ROOT = cidOf(RAW, sha256(Buffer.from('root')))
const NODE = Buffer.from('a node')
const NODE_CID = cidOf(RAW, sha256(NODE))
const REFUSED = new ShoalError('ERR_NO_PROVIDER', 'does not answer')

/** What a device does when it is dialled: answers after a time and gives nodes, or refuses, or is silent. */
interface Device {
  readonly afterMs?: number
  readonly error?: Error
  readonly isSilent?: boolean
  readonly gives?: 'the node' | 'wrong bytes' | 'nothing' | 'an end'
}

function world(devices: Readonly<Record<string, Device>>) {
  const simulation = new Simulation(1)
  const { seams } = simulation
  /** When each device was dialled. */
  const dials: Record<string, number[]> = {}
  const sessions: Record<string, Session[]> = {}
  let atOnce = 0
  let mostAtOnce = 0
  const connect = async (key: string, signal: AbortSignal): Promise<Channel> => {
    const { afterMs = 10, error, isSilent = false, gives = 'the node' } = devices[key] ?? { error: REFUSED }
    ;(dials[key] ??= []).push(simulation.nowMs)
    mostAtOnce = Math.max(mostAtOnce, ++atOnce)
    try {
      await delay(seams.timers, isSilent ? 1e9 : afterMs, signal)
    } finally {
      atOnce--
    }
    if (error !== undefined) throw error
    const [ours, theirs] = simulation.connect(Buffer.from('me'), Buffer.from(key), {
      latencyMs: 1,
      bytesPerMs: 1_000,
    })
    const session = Session.answer({ channel: theirs, limits: TRANSFER_LIMITS, seams }, () => ROOT)
    ;(sessions[key] ??= []).push(session)
    session.attach({
      payloadFor: () => undefined,
      onMessage: (message) => {
        if (message.t !== 'get' || gives === 'nothing') return
        if (gives === 'an end') void session.close('shutdown')
        const bytes = gives === 'the node' ? NODE : Buffer.from('a lie!')
        session.send({ t: 'cid', c: NODE_CID, n: bytes.byteLength }, bytes)
      },
      onEnd: () => {},
    })
    return ours
  }
  const naming = (name: FoundBy, keys: readonly string[], isTrusted = false): LeadSource => ({
    name,
    isTrusted,
    leads: async function* () {
      for (const key of keys) yield leadTo(key)
    },
  })
  const leadTo = (key: string): Lead => ({ key, peerId: key, connect: (signal) => connect(key, signal) })
  const connected: [string, FoundBy][] = []
  const search = (sources: readonly LeadSource[], more: Partial<ProviderSearchInit> = {}): ProviderSearch =>
    new ProviderSearch({
      link: { root: ROOT, hints: { name: 'It' } },
      seams,
      limits: TRANSFER_LIMITS,
      waitMs: 30_000,
      signal: new AbortController().signal,
      sources: () => sources,
      onConnected: (peer, source) => void connected.push([peer, source]),
      ...more,
    })
  const get = async (from: ProviderSearch): Promise<Uint8Array[]> => {
    const nodes = await simulation.run(from.ask((requester) => requester.getNodes([NODE_CID])))
    from.progressed()
    return nodes
  }
  const pass = (ms: number): Promise<void> => simulation.run(delay(seams.timers, ms))
  return {
    simulation,
    dials,
    sessions,
    naming,
    leadTo,
    connected,
    search,
    get,
    pass,
    mostAtOnce: () => mostAtOnce,
  }
}

test('the first device that has the content is used at once, and the others join it', async () => {
  const { simulation, naming, search, get, pass, connected } = world({
    slow: { afterMs: 500 },
    quick: { afterMs: 100 },
    dead: { isSilent: true },
  })
  const sought = search([
    naming('link', ['dead'], true),
    naming('lan', ['slow']),
    naming('dht', ['quick', 'absent']),
  ])
  expect(await get(sought)).toEqual([Uint8Array.from(NODE)])
  expect(simulation.nowMs).toBeLessThan(200)
  expect(connected).toEqual([['quick', 'dht']])
  await pass(1_000)
  expect(connected).toEqual([
    ['quick', 'dht'],
    ['slow', 'lan'],
  ])
  await simulation.run(sought.close())
})

test('where one session is enough, nobody else is looked for until it ends', async () => {
  const { simulation, naming, search, get, pass, connected, dials, sessions } = world({
    a: {},
    b: { afterMs: 50 },
  })
  const sought = search([naming('link', ['a'], true), naming('lan', ['b'])], { maxSessions: 1 })
  await get(sought)
  await pass(120_000)
  expect(connected).toEqual([['a', 'link']])
  expect(dials['b']).toHaveLength(1)
  await simulation.run(sessions['a']?.[0]?.close() ?? Promise.resolve())
  await get(sought)
  expect(connected).toHaveLength(2)
})

test('no more sessions are kept than the bound, and no more devices tried at once', async () => {
  const keys = Array.from({ length: 200 }, (_, i) => `peer ${i}`)
  const { naming, search, get, pass, connected, mostAtOnce } = world(
    Object.fromEntries(keys.map((key) => [key, {}])),
  )
  const sought = search([naming('dht', keys)])
  await get(sought)
  await pass(300_000)
  expect(connected).toHaveLength(SWARM_LIMITS.maxSessions)
  expect(mostAtOnce()).toBeLessThanOrEqual(SWARM_LIMITS.triesPerSource)
})

test('a source that names devices without end keeps no other waiting, and is asked in bounded portions', async () => {
  let named = 0
  const { naming, search, get, leadTo, mostAtOnce } = world({ honest: { afterMs: 5_000 } })
  const flood: LeadSource = {
    name: 'dht',
    isTrusted: false,
    leads: async function* () {
      for (;;) yield leadTo(`false ${named++}`)
    },
  }
  expect(await get(search([flood, naming('lan', ['honest'])]))).toHaveLength(1)
  expect(mostAtOnce()).toBeLessThanOrEqual(SWARM_LIMITS.triesPerSource + 1)
  expect(named).toBeLessThanOrEqual(6 * SWARM_LIMITS.leadsPerRound)
})

test('a source that goes on looking is asked anew, so that who failed once gets another chance', async () => {
  let rounds = 0
  const { simulation, search, get, leadTo } = world({ 'has it': { afterMs: 5 } })
  const lasting: LeadSource = {
    name: 'lan',
    isTrusted: false,
    leads: async function* (signal) {
      yield leadTo(rounds++ === 0 ? 'refuses' : 'has it')
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    },
  }
  await get(search([lasting], { waitMs: 0 }))
  expect(rounds).toBe(2)
  expect(simulation.nowMs).toBeLessThan(SWARM_LIMITS.roundMs + SWARM_LIMITS.pauseMs + 100)
})

test('it ends when the time is over, or a little later for what is being tried', async () => {
  const idle = world({})
  await expect(idle.get(idle.search([idle.naming('link', ['a'], true)]))).rejects.toMatchObject({
    code: 'ERR_NO_PROVIDER',
    message: 'nobody who has "It" answers; asked for 30 s: the sender (no answer)',
  })
  expect(idle.simulation.nowMs).toBeGreaterThanOrEqual(30_000)
  expect(idle.simulation.nowMs).toBeLessThan(31_000)

  const late = world({ late: { afterMs: 800 } })
  expect(await late.get(late.search([late.naming('link', ['late'], true)], { waitMs: 1 }))).toHaveLength(1)

  const silent = world({ silent: { isSilent: true } })
  const sought = silent.search([silent.naming('link', ['silent'], true)], { waitMs: 100 })
  await expect(silent.get(sought)).rejects.toMatchObject({ code: 'ERR_NO_PROVIDER' })
  expect(silent.simulation.nowMs).toBe(1_000)
})

test('a fault in what the user gave ends it, in what a stranger said it does not', async () => {
  const fault = new ShoalError('ERR_OPTIONS_INVALID', 'no address')
  const devices = { broken: { afterMs: 1, error: fault }, good: { afterMs: 50 } }
  const trusted = world(devices)
  const sources = [trusted.naming('peer', ['broken'], true), trusted.naming('lan', ['good'])]
  await expect(trusted.get(trusted.search(sources))).rejects.toBe(fault)
  const strange = world(devices)
  const others = [strange.naming('dht', ['broken']), strange.naming('lan', ['good'])]
  expect(await strange.get(strange.search(others))).toHaveLength(1)
})

test('an abort ends it with its reason', async () => {
  const { simulation, naming, search, get } = world({ dead: { isSilent: true } })
  const stop = new AbortController()
  const reason = new Error('enough')
  const sought = search([naming('link', ['dead'], true)], { waitMs: 0, signal: stop.signal })
  simulation.at(100, () => stop.abort(reason))
  await expect(get(sought)).rejects.toBe(reason)
})

test('beside one that gives, a device that fails is tried ever more rarely', async () => {
  const { naming, search, get, pass, dials } = world({ good: {}, bad: { error: REFUSED } })
  await get(search([naming('link', ['good'], true), naming('lan', ['bad'])]))
  await pass(600_000)
  const times = dials['bad'] ?? []
  expect(times.length).toBeGreaterThan(10)
  expect(times.length).toBeLessThan(60)
  const last = times.slice(-5)
  for (let i = 1; i < last.length; i++) {
    expect((last[i] as number) - (last[i - 1] as number)).toBeGreaterThanOrEqual(15_000)
  }
})

test('a lone device that fails is tried about once a second for as long as it is waited for', async () => {
  const { naming, search, get, dials } = world({ bad: { error: REFUSED } })
  await expect(get(search([naming('link', ['bad'], true)]))).rejects.toMatchObject({
    code: 'ERR_NO_PROVIDER',
  })
  const times = dials['bad'] ?? []
  expect(times.length).toBeGreaterThanOrEqual(28)
  expect(times.length).toBeLessThanOrEqual(32)
})

test('a session that ended is opened again, at once and later with pauses', async () => {
  const { simulation, naming, search, get, pass, dials, sessions } = world({ a: {}, b: {} })
  const sought = search([naming('link', ['a'], true), naming('lan', ['b'])])
  await get(sought)
  await pass(1_000)
  const endAll = (): void => {
    for (const session of sessions['a'] ?? []) session.fail(new ShoalError('ERR_PROTOCOL', 'broken'))
  }
  endAll()
  await pass(500)
  expect(dials['a']).toHaveLength(2)
  for (let i = 0; i < 6; i++) {
    endAll()
    await pass(500)
  }
  // Two at once, then after 1 s and 2 s.
  expect(dials['a']?.length).toBeLessThanOrEqual(5)
  await simulation.run(sought.close())
})

test('who lies is not asked again, and another one is asked in its place', async () => {
  const { naming, search, get, pass, dials } = world({
    liar: { gives: 'wrong bytes' },
    honest: { afterMs: 2_000 },
  })
  const barred: string[] = []
  const sought = search([naming('link', ['liar'], true), naming('lan', ['honest'])], {
    barred: { isBarred: (peer) => barred.includes(peer), bar: (peer) => void barred.push(peer) },
  })
  expect(await get(sought)).toEqual([Uint8Array.from(NODE)])
  await pass(100_000)
  expect(barred).toEqual(['liar'])
  expect(dials['liar']).toHaveLength(1)
})

test('a liar that is the only one ends it as what it is, and soon', async () => {
  const { simulation, naming, search, get, dials } = world({ liar: { gives: 'wrong bytes' } })
  const sought = search([naming('link', ['liar'], true), naming('seen', [])])
  await expect(get(sought)).rejects.toMatchObject({ code: 'ERR_CONTENT_INVALID' })
  expect(simulation.nowMs).toBeLessThan(1_000)
  expect(dials['liar']).toHaveLength(1)
})

test('a device that was barred before is not dialled, and the message says so', async () => {
  const { naming, search, get, dials } = world({ liar: {} })
  const barred = { isBarred: (peer: string) => peer === 'liar', bar: () => {} }
  const sought = search([naming('peer', ['liar'], true)], { barred, waitMs: 2_000 })
  await expect(get(sought)).rejects.toMatchObject({
    code: 'ERR_NO_PROVIDER',
    message: expect.stringContaining(
      'the devices that you named (sent wrong data before and is left alone for a day)',
    ) as string,
  })
  expect(dials).toEqual({})
})

test('a node that does not come from one is asked of another, and the first answer counts', async () => {
  const { simulation, naming, search, get } = world({ quiet: { gives: 'nothing' }, good: { afterMs: 100 } })
  const sought = search([naming('link', ['quiet'], true), naming('lan', ['good'])])
  expect(await get(sought)).toHaveLength(1)
  expect(simulation.nowMs).toBeLessThan(SWARM_LIMITS.slowNodeMs + 1_000)
})

test('a device that ends every session is given up when the time is over', async () => {
  const { simulation, naming, search, get, dials } = world({ ends: { gives: 'an end' } })
  const sought = search([naming('link', ['ends'], true)], { waitMs: 5_000 })
  await expect(get(sought)).rejects.toMatchObject({ code: 'ERR_NO_PROVIDER' })
  expect(simulation.nowMs).toBeLessThan(7_000)
  console.log(JSON.stringify({ name: 'a device that ends every session', dials: dials['ends']?.length }))
})
