/** Nodes of the distributed hash table on loopback: ours, and bare ones that have none of our code. */
import { noise } from '@chainsafe/libp2p-noise'
import { identify } from '@libp2p/identify'
import type { PrivateKey } from '@libp2p/interface'
import { kadDHT, passthroughMapper, type KadDHT } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import type { Multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p, type Libp2pOptions } from 'libp2p'
import { sha256 } from '../../src/content/cid.ts'
import { Dht, DHT_PRESETS, type DhtInit } from '../../src/network/dht/dht.ts'
import { quietLogger } from '../../src/network/quiet-logger.ts'
import type { Candidate, ProviderSource } from '../../src/network/provider-source.ts'
import type { Seams } from '../../src/util/seams.ts'
import { systemSeams } from '../../src/util/system.ts'

const SLOW_MS = 30_000

export interface NodeOptions {
  readonly privateKey?: PrivateKey
  readonly port?: number
  /** Of the loopback: listened at and dialled from. @defaultValue 127.0.0.1 */
  readonly host?: string
  /**
   * Connections are probed every few seconds: hundreds of nodes in one machine, each connected to most others, do little else.
   *
   * @defaultValue true
   */
  readonly isProbing?: boolean
}

export interface DhtNode {
  readonly libp2p: Libp2p
  readonly dht: Dht
  readonly stop: () => Promise<void>
}

function hostOptions({
  privateKey,
  port = 0,
  host = '127.0.0.1',
  isProbing = true,
}: NodeOptions): Libp2pOptions {
  // The transport hands what it does not know of on to the socket. To bind each is slow where there are thousands.
  const dialOpts: { keepAlive: boolean; localAddress?: string } = {
    keepAlive: true,
    ...(host === '127.0.0.1' ? {} : { localAddress: host }),
  }
  return {
    logger: quietLogger,
    ...(privateKey === undefined ? {} : { privateKey }),
    addresses: { listen: [`/ip4/${host}/tcp/${port}`] },
    transports: [tcp({ dialOpts })],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ enableKeepAlive: isProbing })],
    connectionMonitor: { enabled: isProbing },
    connectionManager: {
      maxIncomingPendingConnections: 256,
      inboundConnectionThreshold: 500,
      // Many nodes share the cores of one machine: a handshake may take long.
      inboundUpgradeTimeout: SLOW_MS,
      dialTimeout: SLOW_MS,
    },
  }
}

/** A node of the library alone, as an operator may run one for a bootstrap. */
export function startBare(
  protocol: string = DHT_PRESETS.private.protocol,
  options: NodeOptions = {},
): Promise<Libp2p<{ dht: KadDHT }>> {
  return createLibp2p({
    ...hostOptions(options),
    services: {
      identify: identify(),
      ping: ping(),
      dht: kadDHT({ protocol, clientMode: false, peerInfoMapper: passthroughMapper }),
    },
  })
}

export async function startDhtNode(init: Partial<DhtInit> = {}, options: NodeOptions = {}): Promise<DhtNode> {
  const dht = new Dht({ ...DHT_PRESETS.private, seams: systemSeams, mayUse: () => true, ...init })
  const libp2p = await createLibp2p({
    ...hostOptions(options),
    datastore: dht.peerDatastore,
    peerStore: dht.peerStore,
    services: { identify: identify(), ping: ping(), dht: dht.service },
  })
  await dht.start()
  const stop = async (): Promise<void> => {
    await dht.stop()
    await libp2p.stop()
  }
  return { libp2p, dht, stop }
}

/** Dials until it is answered: a machine that is busy with many nodes may take longer than a handshake is given. */
export async function join({ libp2p }: DhtNode, bootstrap: Multiaddr): Promise<void> {
  const tries = 10
  for (let i = 1; ; i++) {
    try {
      await libp2p.dial(bootstrap)
      return
    } catch (error) {
      if (i === tries) throw error
    }
  }
}

export function addressOf(libp2p: Libp2p): Multiaddr {
  return libp2p.getMultiaddrs()[0] as Multiaddr
}

/** A provider key of its own for each number. */
export function digestOf(number: number): Uint8Array {
  return sha256(Buffer.from(`key ${number}`))
}

/** The first candidate, or undefined when the search ended or the time is over. */
export async function firstOf(
  source: ProviderSource,
  digest: Uint8Array,
  timeoutMs = 20_000,
): Promise<Candidate | undefined> {
  for await (const candidate of source.find(digest, AbortSignal.timeout(timeoutMs))) return candidate
  return undefined
}

/** The machine's seams with a clock that can be put forward, the ambient one with it. */
export function shiftedSeams(): { seams: Seams; forward: (ms: number) => void; restore: () => void } {
  const { now } = Date
  let aheadMs = 0
  const { clock } = systemSeams
  return {
    seams: {
      ...systemSeams,
      clock: { now: () => now() + aheadMs, monotonic: () => clock.monotonic() + aheadMs },
    },
    forward: (ms) => {
      aheadMs += ms
      Date.now = () => now() + aheadMs
    },
    restore: () => void (Date.now = now),
  }
}
