/**
 * Peers that enter a topic and then take nothing, and a node that goes on to publish: what that costs it in memory. Two programs
 * in one, since they are to be measured and stopped by themselves.
 *
 * `publish ours|stock PEERS MEGABYTES FOLDER` tells where it listens, then that PEERS are in the topic; a line on its input has it publish.
 * It measures itself. `stall ADDRESS PEERS` connects them and tells when they are in; whoever started it then stops it.
 */
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { noise } from '@chainsafe/libp2p-noise'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import type { PubsubStats } from '../../../src/network/pubsub/pubsub.ts'
import { startHost } from '../../../src/network/host.ts'
import { quietLogger } from '../../../src/network/quiet-logger.ts'
import { systemDisk } from '../../../src/store/disk.ts'
import { PROTOCOL } from '../../../src/transfer/constants.ts'
import { systemSeams } from '../../../src/util/system.ts'
import { plainRules } from '../../helpers/pubsub.ts'
import { RawGossiper } from '../../helpers/raw-gossip.ts'

const TOPIC = '/test/stalled'
const MESSAGE_BYTES = 60_000

interface Publisher {
  readonly address: string
  readonly publish: (data: Uint8Array) => Promise<unknown>
  readonly subscribers: () => number
  readonly stats: () => PubsubStats | undefined
}

function tell(facts: object): void {
  process.stdout.write(`${JSON.stringify(facts)}\n`)
}

function messageOf(n: number): Uint8Array {
  const data = new Uint8Array(MESSAGE_BYTES)
  data.set(Buffer.from(`1 ${n}`))
  return data
}

async function startOurs(folder: string): Promise<Publisher> {
  const { raw } = await generateKeyPair('Ed25519')
  const host = await startHost({
    privateKey: raw,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    network: 'private',
    bootstrap: [],
    mdns: false,
    seams: systemSeams,
    disk: systemDisk,
    bookFile: join(folder, 'peers.json'),
    protocol: PROTOCOL,
    onChannel: () => {},
    isServed: () => false,
    onWarning: () => {},
  })
  const pubsub = await host.pubsub(() => false)
  if (pubsub === undefined) throw new Error('a host of its own has gossip')
  pubsub.join(TOPIC, plainRules())
  return {
    address: host.addresses()[0] ?? '',
    publish: (data) => pubsub.publish(TOPIC, data),
    subscribers: () => pubsub.subscribers(TOPIC).length,
    stats: () => pubsub.stats(),
  }
}

async function startStock(): Promise<Publisher> {
  const libp2p = await createLibp2p({
    logger: quietLogger,
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: 1_000, maxIncomingPendingConnections: 1_000 },
    services: {
      identify: identify(),
      // As it comes, except that peers of one address do not count against each other: it would hear none of them.
      pubsub: gossipsub({ allowPublishToZeroTopicPeers: true, scoreParams: { IPColocationFactorWeight: 0 } }),
    },
  })
  const { pubsub } = libp2p.services
  pubsub.subscribe(TOPIC)
  return {
    address: String(libp2p.getMultiaddrs()[0]),
    publish: (data) => pubsub.publish(TOPIC, data),
    subscribers: () => pubsub.getSubscribers(TOPIC).length,
    stats: () => undefined,
  }
}

async function publish(kind: string, peers: number, bytes: number, folder: string): Promise<void> {
  const started = await (kind === 'stock' ? startStock() : startOurs(folder))
  const { address, publish: send, subscribers, stats } = started
  // The heap grows to what publishing takes by itself, with nobody there.
  for (let n = 0; n < 3_000; n++) {
    await send(messageOf(-n))
    if (n % 100 === 99) await wait(20)
  }
  tell({ address })
  while (subscribers() < peers) await wait(20)
  tell({ subscribers: subscribers() })
  await once(process.stdin, 'data')
  globalThis.gc?.()
  const before = process.memoryUsage()
  let peak = 0
  let mostWaiting = 0
  let failed = 0
  const beganMs = performance.now()
  const look = (): void => {
    peak = Math.max(peak, process.memoryUsage().rss - before.rss)
    mostWaiting = Math.max(mostWaiting, stats()?.waitingBytes ?? 0)
  }
  for (let sent = 0, n = 0; sent < bytes; sent += MESSAGE_BYTES, n++) {
    await send(messageOf(n)).catch(() => failed++)
    // So that what is under way can go on its way: 100 messages in 20 ms.
    if (n % 100 === 99) await wait(20)
    if (n % 20 === 19) look()
  }
  look()
  await wait(200)
  globalThis.gc?.()
  await wait(50)
  globalThis.gc?.()
  const held = process.memoryUsage()
  tell({
    kind,
    peers,
    bytes,
    failed,
    seconds: Math.round(performance.now() - beganMs) / 1_000,
    peakRssMb: Math.round(peak / 1e6),
    heldMb: Math.round((held.heapUsed + held.external - before.heapUsed - before.external) / 1e6),
    mostWaitingMb: Math.round(mostWaiting / 1e6),
    stalled: stats()?.stalled,
  })
  process.exit(0)
}

async function stall(address: string, peers: number): Promise<void> {
  for (let n = 0; n < peers; n++) {
    const raw = await RawGossiper.start()
    await raw.dial(address)
    raw.enter(TOPIC)
  }
  tell({ entered: peers })
}

const [what, first = '', second = '', third = '', fourth = ''] = process.argv.slice(2)
if (what === 'stall') await stall(first, Number(second))
else await publish(first, Number(second), Number(third) * 1e6, fourth)
