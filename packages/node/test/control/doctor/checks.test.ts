/** Each check with facts made up: what is well, and everything that is not. */
import { expect, test } from 'vitest'
import type { BandwidthStatus, FindingId, StatusEvent } from '../../../src/events.ts'
import type { HomeFacts, MachineFacts, NodeFacts } from '../../../src/control/doctor/facts.ts'
import { nodeChecks } from '../../../src/control/doctor/doctor.ts'
import type { Finding } from '../../../src/control/doctor/finding.ts'
import { CHECK_MS, SETTLE_MS } from '../../../src/control/doctor/limits.ts'
import { machineChecks } from '../../../src/control/doctor/machine-checks.ts'
import { notRunning } from '../../../src/control/doctor/checks/start.ts'
import { runChecks } from '../../../src/control/doctor/run-checks.ts'
import { ShoalError } from '../../../src/errors.ts'
import { FINDING_DATA, LAN_ADDRESS, knowing, machine, node, on, peer, status } from '../../helpers/doctor.ts'
import { Simulation } from '../../helpers/simulation.ts'

const ROUTER = { address: '/ip4/203.0.113.5/tcp/4001', from: 'router', isConfirmed: false } as const
const SEEN = { address: '/ip4/203.0.113.5/tcp/4001', from: 'seen', isConfirmed: true } as const
const LAN = { address: LAN_ADDRESS, from: 'own', isConfirmed: true } as const
const LOOPBACK = { address: '/ip4/127.0.0.1/tcp/4001', from: 'own', isConfirmed: true } as const
const PUBLIC = { address: '/ip6/2a00::5/tcp/4001', from: 'own', isConfirmed: false } as const
const RELAYED = {
  address: '/ip4/203.0.113.7/tcp/1/p2p/R/p2p-circuit',
  from: 'own',
  isConfirmed: true,
} as const
const HOME: HomeFacts = {
  isFolder: true,
  isOwn: true,
  mode: 0o700,
  isWritable: true,
  networkFileSystem: null,
}
/** Words of the machine room, which people are never shown. The program is called Node. */
const NEVER_SHOWN =
  /\b(CID|hash(es|ed|ing)?|roots?|blocks?|chunks?|peers?|nodes?|swarms?|seed(s|ing)?|providers?|DHT|mDNS|NAT|bootstrap|multiaddrs?|gossip|epochs?|daemons?|tokens?|payloads?|ciphertext|GC|pin(s|ned)?|MiB)\b/i

const home = (changes: Partial<HomeFacts>): Partial<MachineFacts> => ({
  homeFacts: async () => ({ ...HOME, ...changes }),
})
const disk = (free: number): Partial<MachineFacts> => ({ freeBytes: async () => free })
const files = (most: number | null): Partial<MachineFacts> => ({ openFiles: async () => ({ most, now: 7 }) })
const shares = (...states: ('serving' | 'stale')[]): Partial<NodeFacts> => ({
  shares: async function* () {
    for (const state of states) yield { state }
  },
})
const local = (networks: number, wanted: number, listening: number, devices: number): Partial<NodeFacts> => ({
  localState: () => ({ networks, wanted, listening, devices }),
})

/** What is found of one thing, in virtual time; and how long that took, in milliseconds. */
async function look(
  id: FindingId,
  changes: Partial<MachineFacts & NodeFacts>,
): Promise<{ found: Finding; tookMs: number }> {
  const simulation = new Simulation(1)
  const all = [...nodeChecks(node(changes)), ...machineChecks(machine(changes))]
  const checks = all.filter((check) => check.id === id)
  const findings = runChecks(checks, simulation.seams, new AbortController().signal)
  const { value, done } = await simulation.run(findings.next())
  if (done === true) throw new Error(`${id} is not looked at`)
  return { found: value, tookMs: simulation.nowMs }
}

test.each<[FindingId, Finding['severity'], string, Partial<MachineFacts & NodeFacts>, object?]>([
  ['start', 'ok', 'it runs in the background, in the network public', {}, { running: true, seconds: 3_600 }],
  [
    'start',
    'ok',
    'it starts and answers, in the network lan',
    { status: () => status({ daemon: false, network: 'lan' }) },
  ],
  ['runtime', 'ok', 'Node 26.10.0, SQLite 3.53.4', {}],
  ['runtime', 'ok', 'Node 24.0.0, SQLite 3.51.3', { node: '24.0.0', sqlite: '3.51.3' }],
  ['runtime', 'problem', 'too old for Shoal', { node: '22.11.0' }, { node: '22.11.0' }],
  ['runtime', 'problem', 'can damage what it keeps', { sqlite: '3.51.2' }, { sqlite: '3.51.2' }],
  ['runtime', 'problem', 'SQLite of no version', { sqlite: undefined }, { sqlite: null }],
  ['home', 'ok', 'can be written, and only by you', {}, { mode: '0700' }],
  ['home', 'ok', 'can be written', home({ mode: null, isOwn: null })],
  ['home', 'problem', 'is not a folder', home({ isFolder: false })],
  ['home', 'problem', 'belongs to another user', home({ isOwn: false })],
  ['home', 'problem', 'cannot be written', home({ isWritable: false })],
  ['home', 'problem', 'others on this device can change', home({ mode: 0o720 }), { mode: '0720' }],
  ['home', 'warning', 'others on this device can look into', home({ mode: 0o750 })],
  ['home', 'warning', 'a network drive (NFS)', home({ networkFileSystem: 'NFS' })],
  ['home', 'ok', '/x\\u{202e}y can be written', { home: '/x\u202ey' }],
  ['disk', 'ok', '5 GB left on the disk of', disk(5_000_000_000), { free: 5_000_000_000 }],
  ['disk', 'warning', 'that is little', disk(4_999_999_999)],
  ['disk', 'warning', '1 GB left', disk(1_000_000_000)],
  ['disk', 'problem', '900 MB left', disk(900_000_000)],
  ['files', 'ok', '1024 files and connections', files(1_024)],
  ['files', 'warning', 'only 1023 files and connections', files(1_023), { most: 1_023, now: 7 }],
  ['files', 'ok', 'sets no bound', files(null)],
  ['internet', 'ok', 'others are reached over IPv4', {}, { ipv4: true, ipv6: false, reached: true }],
  [
    'internet',
    'ok',
    'over IPv4 and IPv6',
    { interfaces: () => [on('10.0.0.1'), on('2a00::5')] },
    { ipv6: true },
  ],
  ['internet', 'ok', 'over IPv6', { interfaces: () => [on('169.254.1.1'), on('2a00::5')] }, { ipv4: false }],
  ['internet', 'problem', 'on no network', { interfaces: () => [on('127.0.0.1', true)] }, { reached: false }],
  ['internet', 'problem', 'nobody on the internet answers', { reachBootstrap: async () => false }],
  [
    'internet',
    'ok',
    'others are reached',
    { reachBootstrap: async () => false, peers: async () => [peer()] },
    { reached: true },
  ],
  [
    'internet',
    'problem',
    'nobody on the internet answers',
    { reachBootstrap: async () => false, peers: async () => [peer({ address: '/ip4/192.168.1.9/tcp/1' })] },
  ],
  ['internet', 'ok', 'nobody is named', { reachBootstrap: async () => undefined }, { reached: null }],
  [
    'internet',
    'ok',
    'not used in the network lan',
    { status: () => status({ network: 'lan' }), interfaces: () => [] },
    { used: false },
  ],
  ['incoming', 'ok', 'others reach this device', { addresses: () => [LAN, SEEN] }, { way: 'confirmed' }],
  ['incoming', 'ok', 'the router lets others in', { addresses: () => [LAN, ROUTER] }, { way: 'forwarded' }],
  ['incoming', 'ok', 'an address of the internet', { addresses: () => [PUBLIC] }, { way: 'public' }],
  ['incoming', 'warning', 'only indirectly', { addresses: () => [LAN, RELAYED] }, { way: 'indirect' }],
  ['incoming', 'warning', 'cannot connect', {}, { way: 'none', listening: [LAN_ADDRESS], public: [] }],
  ['incoming', 'warning', 'cannot connect', { addresses: () => [LAN, { ...SEEN, isConfirmed: false }] }],
  ['incoming', 'warning', 'on no network', { interfaces: () => [on('127.0.0.1', true)] }, { way: 'none' }],
  ['incoming', 'warning', 'accepts no connections', { addresses: () => [] }, { listening: [] }],
  [
    'incoming',
    'ok',
    'others on this network can connect',
    { status: () => status({ network: 'lan' }) },
    { way: null },
  ],
  [
    'incoming',
    'warning',
    'only programs on this device',
    { status: () => status({ network: 'lan' }), addresses: () => [LOOPBACK] },
  ],
  [
    'incoming',
    'ok',
    'only programs on this device',
    { status: () => status({ network: 'private' }), addresses: () => [LOOPBACK] },
  ],
  ['local-network', 'ok', '2 Shoal devices nearby', {}, { devices: 2, used: true }],
  ['local-network', 'ok', '1 Shoal device nearby', local(1, 1, 1, 1)],
  ['local-network', 'ok', '0 Shoal devices nearby', local(1, 1, 1, 0)],
  ['local-network', 'warning', 'on no local network', local(0, 0, 0, 0)],
  ['local-network', 'warning', 'listens only for programs on this device', local(1, 0, 0, 0)],
  ['local-network', 'warning', 'UDP port 5353', local(2, 2, 0, 0), { networks: 2, listening: 0 }],
  ['local-network', 'ok', 'not looked for', { localState: () => undefined }, { used: false }],
  [
    'local-network',
    'ok',
    '--mdns turns that on',
    { localState: () => undefined, status: () => status({ network: 'private' }) },
  ],
  ['dht', 'ok', '212 devices known there', {}, { used: true, mode: 'client', known: 212, waiting: 0 }],
  [
    'dht',
    'ok',
    '1 device known there, 3 shared items still',
    { status: () => knowing(1, {}, 3) },
    { waiting: 3 },
  ],
  ['dht', 'problem', 'no device of the public network', { status: () => knowing(0) }, { known: 0 }],
  ['dht', 'ok', 'no other device', { status: () => knowing(0, { network: 'private' }) }],
  [
    'dht',
    'warning',
    'none of the devices given by --bootstrap',
    { status: () => knowing(0, { network: 'private', bootstrap: ['/ip4/10.0.0.1/tcp/1/p2p/A'] }) },
  ],
  [
    'dht',
    'ok',
    'not used in the network lan',
    {
      status: () => status({ network: 'lan', discovery: { connected: 0, dht: null, lan: 0, sources: {} } }),
    },
    { used: false, known: null },
  ],
  [
    'dht',
    'ok',
    'left to the program',
    { status: () => status({ discovery: { connected: 0, dht: null, lan: null, sources: {} } }) },
  ],
  ['shares', 'ok', 'nothing is shared now', shares(), { serving: 0, stale: 0 }],
  ['shares', 'ok', '1 item shared, none of them changed', {}],
  ['shares', 'warning', '1 shared item is gone', shares('serving', 'stale'), { serving: 1, stale: 1 }],
  ['shares', 'warning', '2 shared items are gone', shares('stale', 'stale')],
  ['limits', 'ok', 'no limit of speed', {}],
  ['limits', 'ok', 'sending 100 kB/s', { status: () => status({ up: 100_000 }) }],
  [
    'limits',
    'warning',
    'slow by your own limit: sending 100 kB/s, receiving 5 MB/s',
    { status: () => status({ up: 99_999, down: 5_000_000 }) },
    { up: 99_999 },
  ],
  ['limits', 'warning', 'receiving 1 B/s', { status: () => status({ down: 1 }) }],
  ['limits', 'warning', 'by your own schedule: sending 1 B/s', held({ scheduled: true }, { up: 1 })],
  ['limits', 'ok', 'your own limit: sending 5 MB/s', held({ scheduled: true }, { up: 5_000_000 })],
  ['limits', 'warning', 'wait, as your own schedule says', held({ scheduled: true, pause: 'schedule' })],
  ['limits', 'warning', 'wait while the connection is metered', held({ metered: true, pause: 'metered' })],
])('%s is %s: %s', async (id, severity, effect, changes, data = {}) => {
  const { found } = await look(id, changes)
  expect(found).toMatchObject({ id, severity, effect: expect.stringContaining(effect) as string, data })
  expect(Object.keys(found.data).filter((name) => !FINDING_DATA[id].includes(name))).toEqual([])
  // Whatever is not well says what to do about it.
  expect(found.remedy === null).toBe(severity === 'ok')
  const words = `${found.effect} ${found.remedy ?? ''}`.replaceAll(/--[a-z]+|\bNode \d|update Node\b/g, '')
  expect(words).not.toMatch(NEVER_SHOWN)
})

test('a router that refuses is told which port and device it is about', async () => {
  const { found } = await look('incoming', {})
  expect(found.remedy).toBe('turn on UPnP in the router, or forward TCP 4001 to 192.168.1.20')
  const without = await look('incoming', { addresses: () => [LOOPBACK] })
  expect(without.found.remedy).toBe('turn on UPnP in the router, or let it forward a port to this device')
})

/** A node that goes by this. */
function held(bandwidth: Partial<BandwidthStatus>, changes: Partial<StatusEvent> = {}): Partial<NodeFacts> {
  const usual = status().bandwidth
  return { status: () => status({ ...changes, bandwidth: { ...usual, ...bandwidth } }) }
}

const LIMITS = 'take it back: shoal config set'

test.each([
  ['limits', { up: 1 }, `${LIMITS} up default, and start Shoal without --up`],
  ['limits', { up: 1_000_000, down: 1 }, `${LIMITS} down default, and start Shoal without --down`],
  [
    'limits',
    { up: 1, down: 1 },
    `${LIMITS} up default, shoal config set down default, and start Shoal without --up and --down`,
  ],
  [
    'incoming',
    { network: 'lan' },
    'connect this device to the local network, or listen everywhere: shoal config set listen default, and start Shoal without --listen',
  ],
] as const)('what to do about %s fits an option and a setting: %j', async (id, changes, remedy) => {
  const { found } = await look(id, { status: () => status(changes), addresses: () => [LOOPBACK] })
  expect(found).toMatchObject({ severity: 'warning', remedy })
})

test('a node that cannot be started says why and what to do', () => {
  const error = new ShoalError('ERR_LISTEN', 'another program uses the port')
  expect(notRunning(error)).toMatchObject({
    severity: 'problem',
    effect: 'it does not run: another program uses the port',
    remedy: error.hint,
    data: { running: false, code: 'ERR_LISTEN' },
  })
})

test('a node that was just started gets a moment for what takes one, and no longer', async () => {
  let looks = 0
  const later = await look('dht', { status: () => knowing(++looks > 8 ? 3 : 0) })
  expect(later.found.severity).toBe('ok')
  expect(later.tookMs).toBeGreaterThan(0)
  for (const [id, changes] of [
    ['dht', { status: () => knowing(0) }],
    ['incoming', {}],
    ['local-network', { ...local(1, 1, 1, 0), status: () => status({ uptime: 0 }) }],
    ['internet', { reachBootstrap: (signal: AbortSignal) => untilAborted(signal) }],
  ] as const) {
    const { tookMs, found } = await look(id, changes)
    expect(tookMs, id).toBeGreaterThanOrEqual(SETTLE_MS)
    expect(tookMs, id).toBeLessThan(CHECK_MS)
    expect(found.effect, id).not.toContain('found out')
  }
})

/** As the dial of devices that do not answer. */
function untilAborted(signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(false)))
}
