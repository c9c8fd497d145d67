import { describe, expect, test } from 'vitest'
import { RAW, cidOf, sha256 } from '../../../src/content/cid.ts'
import { ShoalError } from '../../../src/errors.ts'
import type { FoundBy } from '../../../src/events.ts'
import type { Channel } from '../../../src/network/channel.ts'
import type { Lead, LeadSource } from '../../../src/transfer/swarm/lead.ts'
import { TRANSFER_LIMITS } from '../../../src/transfer/limits.ts'
import { ProviderSearch } from '../../../src/transfer/swarm/provider-search.ts'
import type { ProviderSearchInit } from '../../../src/transfer/swarm/provider-search-init.ts'
import type { Requester } from '../../../src/transfer/wire/requester.ts'
import { Session } from '../../../src/transfer/wire/session.ts'
import { SWARM_LIMITS } from '../../../src/transfer/swarm/swarm-limits.ts'
import { delay } from '../../../src/util/seams.ts'
import { Simulation } from '../../helpers/simulation.ts'

const ROOT = cidOf(RAW, sha256(Buffer.from('root')))
const NODE = Buffer.from('a node')
const NODE_CID = cidOf(RAW, sha256(NODE))
const REFUSED = new ShoalError('ERR_NO_PROVIDER', 'does not answer')

/** What a device does when it is dialled: answers after a time and gives nodes, or refuses, or is silent. */
interface Device {
  readonly afterMs?: number
  readonly error?: Error
  readonly isSilent?: boolean
  readonly latencyMs?: number
  readonly gives?:
    | 'the node'
    | 'wrong bytes'
    | 'nothing'
    | 'an end'
    | 'excuses'
    | 'the node, then excuses'
    | 'the node at times'
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
    const device: Device = devices[key] ?? { error: REFUSED }
    const { afterMs = 10, error, isSilent = false, latencyMs = 1, gives = 'the node' } = device
    ;(dials[key] ??= []).push(simulation.nowMs)
    mostAtOnce = Math.max(mostAtOnce, ++atOnce)
    try {
      await delay(seams.timers, isSilent ? 1e9 : afterMs, signal)
    } finally {
      atOnce--
    }
    if (error !== undefined) throw error
    const [ours, theirs] = simulation.connect(Buffer.from('me'), Buffer.from(key), {
      latencyMs,
      bytesPerMs: 1_000,
    })
    const session = Session.answer({ channel: theirs, limits: TRANSFER_LIMITS, seams }, () => ROOT)
    ;(sessions[key] ??= []).push(session)
    let hasGiven = false
    let asked = 0
    session.attach({
      payloadFor: () => undefined,
      onMessage: (message) => {
        if (message.t !== 'get' || gives === 'nothing') return
        const isExcused =
          gives === 'excuses' ||
          (gives === 'the node, then excuses' && hasGiven) ||
          (gives === 'the node at times' && ++asked % 20 !== 0)
        if (isExcused) {
          session.send({ t: 'no', c: NODE_CID, why: 'busy', retryMs: 1_000 })
          return
        }
        hasGiven = true
        if (gives === 'an end') void session.close('shutdown')
        const bytes = gives.startsWith('the node') ? NODE : Buffer.from('a lie!')
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
  expect(simulation.nowMs).toBeLessThan(500)
})

test('of many who do not give a node the one who does is found soon, and no more are asked than the bound', async () => {
  const quiet = Array.from({ length: 20 }, (_, i) => `quiet ${i}`)
  const devices = Object.fromEntries(quiet.map((key) => [key, { gives: 'nothing' } as const]))
  const few = world({ ...devices, good: { afterMs: 50 } })
  const seven = few.search([few.naming('link', [...quiet.slice(0, 7), 'good'], true)])
  expect(await few.get(seven)).toHaveLength(1)
  expect(few.simulation.nowMs).toBeLessThan(600)

  const many = world(devices)
  const started = new Set<Requester>()
  const none = many.search([many.naming('link', quiet, true)])
  const asking = none.ask((requester) => {
    started.add(requester)
    return requester.getNodes([NODE_CID])
  })
  asking.catch(() => {})
  await many.pass(TRANSFER_LIMITS.idleTimeoutMs / 2)
  expect(started.size).toBe(SWARM_LIMITS.maxAskedForNode)
})

test('who is far away is not thought slow: others are asked later', async () => {
  for (const [latencyMs, asked] of [
    [1, 2],
    [150, 1],
  ] as const) {
    const { naming, search, pass } = world({ far: { gives: 'nothing', latencyMs }, other: { latencyMs } })
    const sought = search([naming('link', ['far', 'other'], true)])
    const started: Requester[] = []
    const asking = sought.ask((requester) => {
      started.push(requester)
      return requester.getNodes([NODE_CID])
    })
    await pass(800)
    expect(started).toHaveLength(asked)
    await pass(5_000)
    expect(await asking).toHaveLength(1)
  }
})

test('a device that ends every session is given up when the time is over', async () => {
  const { simulation, naming, search, get, dials } = world({ ends: { gives: 'an end' } })
  const sought = search([naming('link', ['ends'], true)], { waitMs: 5_000 })
  await expect(get(sought)).rejects.toMatchObject({ code: 'ERR_NO_PROVIDER' })
  expect(simulation.nowMs).toBeLessThan(7_000)
  console.log(JSON.stringify({ name: 'a device that ends every session', dials: dials['ends']?.length }))
})

/** Asks everybody who is connected for the node, once a second. */
async function askOn(
  { pass }: Pick<ReturnType<typeof world>, 'pass'>,
  sought: ProviderSearch,
  seconds: number,
): Promise<void> {
  const open = new Set<Requester>()
  const stop = sought.each((requester) => void open.add(requester))
  for (let second = 0; second < seconds; second++) {
    for (const requester of open) {
      if (requester.session.isEnded) open.delete(requester)
      else requester.getNodes([NODE_CID]).catch(() => {})
    }
    await pass(1_000)
  }
  stop()
}

test.each(['excuses', 'the node, then excuses'] as const)(
  'beside another, a device that is busy without end and gives %s is left alone for ever longer',
  async (gives) => {
    const made = world({ good: {}, busy: { gives } })
    const { simulation, naming, search, get, dials } = made
    const sought = search([naming('lan', ['good', 'busy'])])
    await get(sought)
    await askOn(made, sought, 400)
    const times = dials['busy'] ?? []
    console.log(JSON.stringify({ name: 'a device that is busy without end', gives, times }))
    // Connected for as long as the longest excuse, and then for longer and longer not at all.
    const heldMs = times.slice(1).map((at, i) => at - (times[i] as number))
    const pauses = heldMs.map((ms) => ms - TRANSFER_LIMITS.maxBusyRetryMs)
    expect(pauses.length).toBeGreaterThan(3)
    for (const ms of pauses) expect(ms).toBeGreaterThanOrEqual(0)
    expect(pauses.at(-1)).toBeGreaterThan((pauses[0] as number) + SWARM_LIMITS.breakerMs)
    expect(dials['good']).toHaveLength(1)
    await simulation.run(sought.close())
  },
)

test('beside another, a device that is busy and gives at times stays connected', async () => {
  const made = world({ good: {}, busy: { gives: 'the node at times' } })
  const { simulation, naming, search, get, dials, sessions } = made
  const sought = search([naming('lan', ['good', 'busy'])])
  await get(sought)
  await askOn(made, sought, 200)
  expect(dials['busy']).toHaveLength(1)
  expect(sessions['busy']?.[0]?.isEnded).toBe(false)
  await simulation.run(sought.close())
})

test('a lone device that is busy without end stays connected: there is nobody better', async () => {
  const made = world({ busy: { gives: 'excuses' } })
  const { naming, search, dials, sessions } = made
  const sought = search([naming('lan', ['busy'])])
  const got = sought.run((requester) => requester.getNodes([NODE_CID]))
  got.catch(() => {})
  await askOn(made, sought, 20)
  expect(dials['busy']).toHaveLength(1)
  expect(sessions['busy']?.[0]?.isEnded).toBe(false)
  await expect(made.simulation.run(got)).rejects.toMatchObject({ code: 'ERR_NO_PROVIDER' })
})

describe('going on looking', () => {
  const WAIT_MS = 10_000
  const needed = async (): Promise<boolean> => true
  const never = new Promise<void>(() => {})

  test('ends when those who are connected have given nothing for as long as the caller waits', async () => {
    const { simulation, naming, search, connected } = world({ idle: { gives: 'nothing' } })
    const sought = search([naming('lan', ['idle'])], { waitMs: WAIT_MS })
    await expect(simulation.run(sought.sustain(needed, never))).rejects.toMatchObject({
      code: 'ERR_NO_PROVIDER',
    })
    expect(connected).toHaveLength(1)
    expect(simulation.nowMs).toBeGreaterThanOrEqual(WAIT_MS)
    expect(simulation.nowMs).toBeLessThan(WAIT_MS + 2_000)
  })

  test('has its full time again with whatever comes', async () => {
    const { simulation, naming, search, pass } = world({ idle: { gives: 'nothing' } })
    const sought = search([naming('lan', ['idle'])], { waitMs: WAIT_MS })
    const ended = sought.sustain(needed, never)
    ended.catch(() => {})
    await pass(WAIT_MS - 1_000)
    sought.progressed()
    await expect(simulation.run(ended)).rejects.toMatchObject({ code: 'ERR_NO_PROVIDER' })
    expect(simulation.nowMs).toBeGreaterThanOrEqual(2 * WAIT_MS - 1_000)
    expect(simulation.nowMs).toBeLessThan(2 * WAIT_MS + 2_000)
  })

  test('does not end while somebody who is connected owes a block', async () => {
    const { simulation, naming, search, pass } = world({ slow: { gives: 'nothing' } })
    const sought = search([naming('lan', ['slow'])], { waitMs: WAIT_MS })
    let requester: Requester | undefined
    sought.each((one) => {
      requester = one
      one.want([1])
    })
    const ended = sought.sustain(needed, never)
    ended.catch(() => {})
    await pass(2 * WAIT_MS)
    await expect(Promise.race([ended, Promise.resolve('goes on')])).resolves.toBe('goes on')
    requester?.cancel([1])
    await expect(simulation.run(ended)).rejects.toMatchObject({ code: 'ERR_NO_PROVIDER' })
  })

  test('does not end at all where the caller waits for ever, until it is over', async () => {
    const { simulation, naming, search, pass } = world({ idle: { gives: 'nothing' } })
    const sought = search([naming('lan', ['idle'])], { waitMs: 0 })
    const { promise: over, resolve } = Promise.withResolvers<void>()
    const ended = sought.sustain(needed, over)
    await pass(3_600_000)
    resolve()
    await simulation.run(ended)
    await simulation.run(sought.close())
  })

  test('takes who comes in the place of who went', async () => {
    const { simulation, naming, search, pass, sessions, connected } = world({
      first: { gives: 'nothing' },
      second: { gives: 'nothing', afterMs: 3_000 },
    })
    const sought = search([naming('lan', ['first', 'second'])], { waitMs: WAIT_MS, maxSessions: 1 })
    const { promise: over, resolve } = Promise.withResolvers<void>()
    const ended = sought.sustain(needed, over)
    await pass(1_000)
    await simulation.run(sessions['first']?.[0]?.close('shutdown') ?? Promise.resolve())
    await pass(6_000)
    expect(connected.length).toBeGreaterThan(1)
    resolve()
    await simulation.run(ended)
  })
})
