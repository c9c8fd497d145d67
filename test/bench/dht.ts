/**
 * How well and how fast providers are found in a network of many nodes, several in each process, all on loopback. Prints
 * JSON lines: `npx node test/bench/dht.ts [nodes] [processes] [lookups]`.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { Bootstrap } from '../../packages/node/src/network/bootstrap.ts'
import { systemSeams } from '../../packages/node/src/util/system.ts'
import {
  addressOf,
  digestOf,
  firstOf,
  join,
  startBare,
  startDhtNode,
  type DhtNode,
} from '../../packages/node/test/helpers/dht-net.ts'

const LOOKUP_TIMEOUT_MS = 30_000
/** Of the peers of its table that a node has at least when the network counts as formed. */
const SETTLE_PEERS = 15
/** Hundreds of nodes that join at once know nobody well: formed is a network whose tables grow no more for so long. */
const QUIET_MS = 20_000
/** By less than this part. */
const QUIET_GROWTH = 0.01
/** How long that is waited for. */
const SETTLE_MS = 900_000

interface Order {
  readonly bootstrap: string
  readonly first: number
  readonly count: number
  readonly nodes: number
  readonly lookups: number
}

interface Report {
  readonly step: 'joined' | 'announced' | 'looked up'
  readonly ms: number
  readonly rssBytes: number
  /** Used since the step began. */
  readonly cpuSeconds: number
  /** Peers in the table of each node. */
  readonly peers: readonly number[]
  /** Connections of each node. */
  readonly connections: readonly number[]
  readonly warmMs: readonly (number | null)[]
  readonly freshMs: readonly (number | null)[]
}

if (process.send === undefined) await main()
else process.once('message', (order: Order) => void work(order))

async function main(): Promise<void> {
  const [nodes = 200, processes = 8, lookups = 1_000] = process.argv.slice(2).map(Number)
  const bootstrap = await startBare(undefined, { isProbing: false })
  const children = Array.from({ length: processes }, () => fork(fileURLToPath(import.meta.url)))
  const share = (total: number, i: number): number =>
    Math.floor((total * (i + 1)) / processes) - Math.floor((total * i) / processes)
  let first = 0
  for (const [i, child] of children.entries()) {
    const count = share(nodes, i)
    child.send({
      bootstrap: addressOf(bootstrap).toString(),
      first,
      count,
      nodes,
      lookups: share(lookups, i),
    } satisfies Order)
    first += count
  }
  for (const step of ['joined', 'announced', 'looked up'] as const) {
    const reports = await Promise.all(children.map(reportOf))
    for (const child of children) child.send('go on')
    const rssBytes = reports.reduce((sum, report) => sum + report.rssBytes, process.memoryUsage.rss())
    const ms = Math.max(...reports.map((report) => report.ms))
    const peers = reports.flatMap((report) => report.peers).toSorted((a, b) => a - b)
    const [fewestPeers, medianPeers] = [peers[0], peers[peers.length >> 1]]
    const rssMiB = Math.round(rssBytes / 2 ** 20)
    const cpuSeconds = reports.reduce((sum, report) => sum + report.cpuSeconds, 0)
    const connections = medianOf(reports.flatMap((each) => each.connections))
    print({
      step,
      nodes,
      processes,
      ms: Math.round(ms),
      rssMiB,
      fewestPeers,
      medianPeers,
      connections,
      cores: Math.round((cpuSeconds / ms) * 100_000) / 100,
    })
    if (step !== 'looked up') continue
    printLookups(
      'nodes of the network',
      reports.flatMap((report) => report.warmMs),
    )
    printLookups(
      'nodes that know only the bootstrap',
      reports.flatMap((report) => report.freshMs),
    )
  }
  await Promise.all(children.filter(({ exitCode }) => exitCode === null).map((child) => once(child, 'exit')))
  await bootstrap.stop()
}

async function reportOf(child: ChildProcess): Promise<Report> {
  const [report] = (await once(child, 'message')) as [Report]
  return report
}

function printLookups(who: string, times: readonly (number | null)[]): void {
  const found = times.filter((ms) => ms !== null).toSorted((a, b) => a - b)
  const at = (part: number): number | undefined =>
    found[Math.min(found.length - 1, Math.floor(found.length * part))]
  const success = found.length / times.length
  print({ lookups: times.length, by: who, success, medianMs: at(0.5), p99Ms: at(0.99), maxMs: found.at(-1) })
}

function medianOf(numbers: readonly number[]): number | undefined {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]
}

function print(facts: object): void {
  console.log(JSON.stringify({ bench: 'dht', ...facts }))
}

async function work(order: Order): Promise<void> {
  const bootstrap = multiaddr(order.bootstrap)
  const nodes: DhtNode[] = []
  let cpu = process.cpuUsage()
  const report = (step: Report['step'], startMs: number, times: Partial<Report> = {}): Promise<unknown> => {
    const used = process.cpuUsage(cpu)
    cpu = process.cpuUsage()
    const facts = {
      step,
      ms: performance.now() - startMs,
      rssBytes: process.memoryUsage.rss(),
      cpuSeconds: (used.user + used.system) / 1_000_000,
      peers: nodes.map(({ dht }) => dht.status.peers),
      connections: nodes.map(({ libp2p }) => libp2p.getConnections().length),
    }
    process.send?.({ warmMs: [], freshMs: [], ...facts, ...times } satisfies Report)
    return once(process, 'message')
  }

  let startMs = performance.now()
  for (let i = 0; i < order.count; i++) {
    const node = await startDhtNode({}, { isProbing: false })
    await join(node, bootstrap)
    nodes.push(node)
    keepInTouch(node, bootstrap)
  }
  const enough = Math.min(SETTLE_PEERS, order.nodes / 2)
  let largest = 0
  let grewMs = performance.now()
  await until(() => {
    const known = nodes.reduce((sum, { dht }) => sum + dht.status.peers, 0)
    if (known > largest * (1 + QUIET_GROWTH)) {
      largest = known
      grewMs = performance.now()
    }
    const isFormed =
      performance.now() - grewMs > QUIET_MS && nodes.every(({ dht }) => dht.status.peers >= enough)
    return isFormed || performance.now() - startMs > SETTLE_MS
  })
  await report('joined', startMs)

  startMs = performance.now()
  // In turn: hundreds that begin at one moment are no network but an overloaded machine.
  for (const [i, { dht }] of nodes.entries()) {
    const { announcer } = dht
    announcer.add(digestOf(order.first + i), 0)
    await until(() => announcer.waiting === 0)
  }
  await report('announced', startMs)

  startMs = performance.now()
  const warmMs: (number | null)[] = []
  const freshMs: (number | null)[] = []
  const key = (number: number): number => (order.first + 1 + number * 37) % order.nodes
  for (let i = 0; i < order.lookups; i++) {
    const node = nodes[i % nodes.length] as DhtNode
    warmMs.push(await timed(node, key(i)))
  }
  for (let i = 0; i < order.lookups / 10; i++) {
    const node = await startDhtNode({ mode: 'client' }, { isProbing: false })
    await join(node, bootstrap)
    freshMs.push(await timed(node, key(i)))
    await node.stop()
  }
  await report('looked up', startMs, { warmMs, freshMs })
  // Whatever is still under way ends with the process.
  process.exit()
}

/** As our host does: a connection may be lost while hundreds of nodes share two cores. */
function keepInTouch({ libp2p }: DhtNode, bootstrap: Multiaddr): void {
  new Bootstrap({
    addresses: [bootstrap.toString()],
    dial: (address, signal) => libp2p.dial(multiaddr(address), { signal }),
    isConnected: (peerId) => libp2p.getPeers().some((peer) => peer.toString() === peerId),
    seams: systemSeams,
  }).start()
}

async function timed(node: DhtNode, key: number): Promise<number | null> {
  const startMs = performance.now()
  const found = await firstOf(node.dht.source, digestOf(key), LOOKUP_TIMEOUT_MS)
  return found === undefined ? null : performance.now() - startMs
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 100))
}
