/** Facts for the checks of the doctor: those of a node that is well, but for what a test changes. */
import type { NetworkInterfaceInfo } from 'node:os'
import type { MachineFacts, NodeFacts } from '../../src/control/doctor/facts.ts'
import type { FindingId, PeerEvent, StatusEvent } from '../../src/events.ts'

export const LAN_ADDRESS = '/ip4/192.168.1.20/tcp/4001'
/** What each finding has in its `data`: docs/doctor.md says the same. */
export const FINDING_DATA: Readonly<Record<FindingId, readonly string[]>> = {
  start: ['running', 'daemon', 'network', 'seconds', 'code'],
  runtime: ['node', 'sqlite'],
  home: ['home', 'mode', 'networkFileSystem'],
  disk: ['free', 'low', 'least'],
  files: ['most', 'now'],
  internet: ['ipv4', 'ipv6', 'used', 'reached'],
  incoming: ['listening', 'public', 'way'],
  'local-network': ['used', 'networks', 'listening', 'devices'],
  dht: ['used', 'mode', 'known', 'waiting'],
  shares: ['serving', 'stale'],
  limits: ['up', 'down'],
}

export function machine(changes: Partial<MachineFacts> = {}): MachineFacts {
  return {
    home: '/home/ada/.shoal',
    node: '26.10.0',
    sqlite: '3.53.4',
    homeFacts: async () => ({
      isFolder: true,
      isOwn: true,
      mode: 0o700,
      isWritable: true,
      networkFileSystem: null,
    }),
    freeBytes: async () => 80_000_000_000,
    openFiles: async () => ({ most: 20_000, now: 40 }),
    ...changes,
  }
}

export function status(changes: Partial<StatusEvent> = {}): StatusEvent {
  return {
    type: 'status',
    pid: 4121,
    uptime: 3_600,
    daemon: true,
    peerId: '12D3',
    network: 'public',
    listen: [],
    bootstrap: [],
    mdns: true,
    up: 0,
    down: 0,
    discovery: { connected: 41, dht: { mode: 'client', known: 212, waiting: 0 }, lan: 2, sources: {} },
    bandwidth: { usual: { up: 0, down: 0 }, scheduled: false, until: null, metered: null, pause: null },
    loop: { delayMs: 3, shedding: false, shed: 0 },
    addresses: [],
    api: null,
    content: null,
    socket: '/h/control.sock',
    tokenFile: '/h/token',
    ...changes,
  }
}

/** The status of a node that knows so many others of its network. */
export function knowing(known: number, changes: Partial<StatusEvent> = {}, waiting = 0): StatusEvent {
  const dht = { mode: 'client', known, waiting } as const
  return status({ discovery: { connected: known, dht, lan: 0, sources: {} }, ...changes })
}

export function node(changes: Partial<NodeFacts> = {}): NodeFacts {
  return {
    status: () => status(),
    interfaces: () => [on('192.168.1.20')],
    addresses: () => [{ address: LAN_ADDRESS, from: 'own', isConfirmed: true }],
    peers: async () => [],
    reachBootstrap: async () => true,
    localState: () => ({ networks: 1, wanted: 1, listening: 1, devices: 2 }),
    shares: async function* () {
      yield { state: 'serving' } as const
    },
    ...changes,
  }
}

/** An interface with this address. */
export function on(address: string, internal = false): NetworkInterfaceInfo {
  const common = { address, internal, mac: '', netmask: '', cidr: null }
  return address.includes(':') ? { ...common, family: 'IPv6', scopeid: 0 } : { ...common, family: 'IPv4' }
}

export function peer(changes: Partial<PeerEvent> = {}): PeerEvent {
  return {
    type: 'peer',
    id: '12D3KooWpeer',
    name: null,
    direct: true,
    address: '/ip4/203.0.113.9/tcp/4001',
    inbound: false,
    seconds: 5,
    shoal: null,
    ...changes,
  }
}
