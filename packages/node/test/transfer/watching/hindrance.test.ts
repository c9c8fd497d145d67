/** Why a fetch waits, told from each way in which it may stand, and how often that is told. */
import { describe, expect, test } from 'vitest'
import type { SwarmMember } from '../../../src/transfer/swarm/swarm-member.ts'
import { HindranceWatch } from '../../../src/transfer/watching/hindrance-watch.ts'
import { hindranceOf, type Hindrance, type Standing } from '../../../src/transfer/watching/hindrance.ts'
import { DETAIL_INTERVAL_MS, HINDRANCE_INTERVAL_MS } from '../../../src/transfer/watching/limits.ts'
import { Simulation } from '../../helpers/simulation.ts'

const NOW = 50_000
const WALL = 1_700_000_000_000
const NOBODY: Standing['swarm'] = {
  members: [],
  dialled: [],
  unreachable: { count: 0, retryMs: undefined },
  last: undefined,
  lastWhole: undefined,
}

interface Device {
  readonly peer?: string
  readonly isSelf?: boolean
  readonly isBusy?: boolean
  readonly busyUntilMs?: number
  readonly isDirect?: boolean
  readonly owedBlocks?: number
  readonly pausedUntilMs?: number
  readonly refusal?: 'changed' | 'missing'
}

/** @param blocks undefined: what it will bring is not known yet */
function standing(
  devices: readonly Device[],
  more: Partial<Standing> = {},
  blocks: { isStuck: boolean } | undefined = { isStuck: false },
): Standing {
  const requesters = devices.map(() => ({}))
  const members = devices.map(({ peer, isSelf, isBusy, busyUntilMs, isDirect }, i) => ({
    peer,
    isSelf: isSelf === true,
    isBusy: isBusy === true,
    busyUntilMs: busyUntilMs ?? 0,
    requester: requesters[i],
    session: { isDirect: isDirect !== false },
  }))
  const peers = devices.map(({ owedBlocks = 0, pausedUntilMs = 0, refusal }, i) => ({
    provider: requesters[i] as never,
    owedBlocks,
    pausedUntilMs,
    refusal,
  }))
  return {
    phase: 'getting',
    blocks: blocks && { ...blocks, peers },
    missing: 1_000,
    isOffline: () => false,
    nowMs: NOW,
    wallMs: WALL,
    ...more,
    swarm: { ...NOBODY, members: members as unknown as SwarmMember[], ...more.swarm },
  }
}

const STUCK = { isStuck: true }
const LEFT = { peer: 'mia', atMs: WALL - 7_200_000 }
const swarm = (facts: Partial<Standing['swarm']>): Partial<Standing> => ({
  swarm: facts as Standing['swarm'],
})

describe('a fetch', () => {
  test.each<[string, Standing, Hindrance | undefined]>([
    ['that gets something', standing([{ owedBlocks: 1 }]), undefined],
    ['that compares', standing([{}], { phase: 'comparing' }), { reason: 'verifying', detail: null }],
    ['that has everything', standing([], { phase: 'ending' }), undefined],
    ['without anybody', standing([]), { reason: 'searching', detail: null }],
    ['without a network', standing([], { isOffline: () => true }), { reason: 'offline', detail: null }],
    [
      'whose last source left',
      standing([], swarm({ last: LEFT })),
      { reason: 'no-source', detail: { peer: 'mia', lastSeen: LEFT.atMs } },
    ],
    [
      'whose sources cannot be connected to',
      standing([], swarm({ unreachable: { count: 2, retryMs: 20_000 }, last: LEFT })),
      { reason: 'unreachable', detail: { peers: 2, retryAt: WALL + 20_000 } },
    ],
    [
      'that tries one of those',
      standing([], swarm({ unreachable: { count: 1, retryMs: 0 }, dialled: [{} as never] })),
      { reason: 'unreachable', detail: { peers: 1 } },
    ],
    [
      'whose sources together lack something',
      standing([{}, {}], swarm({ lastWhole: LEFT }), STUCK),
      { reason: 'incomplete', detail: { missing: 1_000, peer: 'mia', lastSeen: LEFT.atMs } },
    ],
    [
      'whose sources together lack something, also the one that was away',
      standing([{ peer: 'mia' }], swarm({ lastWhole: LEFT }), STUCK),
      { reason: 'incomplete', detail: { missing: 1_000 } },
    ],
    [
      'that nobody else is there for than this device',
      standing([{ isSelf: true }], {}, STUCK),
      { reason: 'searching', detail: null },
    ],
    ['that this device has a part of', standing([{ isSelf: true, owedBlocks: 1 }]), undefined],
    ['of which a source leaves some alone', standing([{ pausedUntilMs: NOW + 1 }], {}, STUCK), undefined],
    [
      'whose source changed what is missing',
      standing([{ refusal: 'missing' }, { refusal: 'changed' }], {}, STUCK),
      { reason: 'source-changed', detail: { missing: 1_000 } },
    ],
    [
      'whose sources are all busy',
      standing([
        { isBusy: true, busyUntilMs: NOW + 9_000 },
        { isBusy: true, pausedUntilMs: NOW + 3_000 },
      ]),
      { reason: 'busy', detail: { peers: 2, retryAt: WALL + 3_000 } },
    ],
    [
      'whose list a busy device has',
      standing([{ isBusy: true, busyUntilMs: NOW - 1 }], {}, undefined),
      { reason: 'busy', detail: { peers: 1 } },
    ],
    [
      'of whose sources the busy ones have the rest',
      standing([{}, { isBusy: true, pausedUntilMs: NOW + 1_000 }], {}, STUCK),
      { reason: 'busy', detail: { peers: 1, retryAt: WALL + 1_000 } },
    ],
    ['of whose sources one is busy', standing([{ owedBlocks: 2 }, { isBusy: true }]), undefined],
    [
      'that comes by way of others only',
      standing([{ owedBlocks: 2, isDirect: false }, {}]),
      { reason: 'indirect', detail: null },
    ],
    [
      'that comes by way of others too',
      standing([{ owedBlocks: 2, isDirect: false }, { owedBlocks: 1 }]),
      undefined,
    ],
  ])('%s', (_how, facts, expected) => expect(hindranceOf(facts)).toEqual(expected))
})

describe('it is told', () => {
  function world() {
    const simulation = new Simulation(1)
    let now: Hindrance | undefined
    let looks = 0
    const told: (Hindrance | undefined)[] = []
    const watch = new HindranceWatch({
      seams: simulation.seams,
      look: () => {
        looks++
        return now
      },
      onChange: (hindrance) => void told.push(hindrance),
    })
    watch.begin()
    return {
      told,
      watch,
      looks: () => looks,
      set: (hindrance: Hindrance | undefined) => void (now = hindrance),
      pass: (ms: number) => simulation.pass(ms),
    }
  }
  const busy = (retryAt: number): Hindrance => ({ reason: 'busy', detail: { peers: 1, retryAt } })

  test('once it lasts, and at once when it is over', async () => {
    const { told, set, pass } = world()
    await pass(10 * HINDRANCE_INTERVAL_MS)
    expect(told).toEqual([])
    set(busy(1))
    await pass(HINDRANCE_INTERVAL_MS)
    set(undefined)
    await pass(HINDRANCE_INTERVAL_MS)
    expect(told).toEqual([])
    set(busy(2))
    await pass(2 * HINDRANCE_INTERVAL_MS)
    expect(told).toEqual([busy(2)])
    set(undefined)
    await pass(HINDRANCE_INTERVAL_MS)
    expect(told).toEqual([busy(2), undefined])
  })

  test('with what changes of it only now and then', async () => {
    const { told, set, pass } = world()
    for (let second = 0; second < 60; second++) {
      set(busy(second))
      await pass(HINDRANCE_INTERVAL_MS)
    }
    const most = (60 * HINDRANCE_INTERVAL_MS) / DETAIL_INTERVAL_MS
    expect(told.length).toBeGreaterThan(2)
    expect(told.length).toBeLessThanOrEqual(most)
  })

  test('by one look a second, and by none when it ended', async () => {
    const { watch, looks, pass } = world()
    await pass(10.5 * HINDRANCE_INTERVAL_MS)
    expect(looks()).toBe(10)
    watch.end()
    await pass(10 * HINDRANCE_INTERVAL_MS)
    expect(looks()).toBe(10)
  })
})
