/**
 * Whether a share is found by the table alone while an attacker holds all places close to its key. Prints JSON lines:
 * `npx node test/bench/eclipse.ts [passive|closer|providers] [wide|plain] [honest] [sybils] [subnets] [locates]`.
 */
import { digestOf, type DhtNode } from '../../packages/node/test/helpers/dht-net.ts'
import { startEclipse } from '../../packages/node/test/helpers/eclipse.ts'
import type { Mischief } from '../../packages/node/test/helpers/sybils.ts'

const TARGET_MS = 5_000
const TIMEOUT_MS = 20_000
/** Of the peers of its table that a node has when it counts as one of the network, and how long that is waited for. */
const SETTLE_PEERS = 15
const SETTLE_MS = 60_000

const [mischief = 'passive', way = 'wide', ...numbers] = process.argv.slice(2)
const [honest = 40, sybils = 60, subnets = 8, locates = 100] = numbers.map(Number)
const digest = digestOf(1)

const startMs = performance.now()
const eclipse = await startEclipse({
  digest,
  honest,
  sybils,
  subnets,
  bits: 10,
  mischief: mischief as Mischief,
  init: { isWide: way === 'wide' },
})
await until(() => eclipse.honest.every(({ dht }) => dht.status.peers >= SETTLE_PEERS))
const alice = await eclipse.join()
await until(() => alice.dht.status.peers >= SETTLE_PEERS)
const announceMs = performance.now()
alice.dht.announcer.add(digest, 0)
await until(() => alice.dht.announcer.waiting === 0)
const holders = eclipse.honest.filter(({ dht }) => dht.records.isProvider(alice.libp2p.peerId.toString()))
print({
  mischief,
  way,
  honest,
  sybils,
  subnets,
  setUpMs: Math.round(announceMs - startMs),
  announceMs: Math.round(performance.now() - announceMs),
  holders: holders.length,
})

const warm: Locate[] = []
const fresh: Locate[] = []
const others = eclipse.honest.filter((node) => !holders.includes(node))
for (let i = 0; i < locates / 2; i++) {
  const node = await eclipse.join()
  fresh.push(await locate(node))
  if (others.length > 0) warm.push(await locate(others[i % others.length] as DhtNode))
  await node.stop()
}
report('nodes that know three others', fresh)
report('nodes of the network that hold no record', warm)
await eclipse.stop()

interface Locate {
  readonly ms: number | undefined
  /** Candidates that came before. */
  readonly before: number
}

async function locate(node: DhtNode): Promise<Locate> {
  const beganMs = performance.now()
  let before = 0
  for await (const { peerId, addresses } of node.dht.source.find(digest, AbortSignal.timeout(TIMEOUT_MS))) {
    const isRight = addresses.some((address) => address.startsWith(String(alice.libp2p.getMultiaddrs()[0])))
    if (peerId === alice.libp2p.peerId.toString() && isRight)
      return { ms: performance.now() - beganMs, before }
    before++
  }
  return { ms: undefined, before }
}

function report(by: string, all: readonly Locate[]): void {
  const times = all.flatMap(({ ms }) => (ms === undefined ? [] : [Math.round(ms)])).toSorted((a, b) => a - b)
  const at = (part: number): number | undefined =>
    times[Math.min(times.length - 1, Math.floor(times.length * part))]
  print({
    mischief,
    way,
    by,
    locates: all.length,
    success: times.length / all.length,
    within5s: times.filter((ms) => ms <= TARGET_MS).length / all.length,
    medianMs: at(0.5),
    p99Ms: at(0.99),
    mostBefore: Math.max(0, ...all.filter(({ ms }) => ms !== undefined).map(({ before }) => before)),
  })
}

function print(facts: object): void {
  console.log(JSON.stringify({ bench: 'eclipse', ...facts }))
}

async function until(holds: () => boolean): Promise<void> {
  const endMs = performance.now() + SETTLE_MS
  while (!holds() && performance.now() < endMs) await new Promise((resolve) => setTimeout(resolve, 50))
}
