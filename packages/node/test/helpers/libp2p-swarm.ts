/** Providers and a fetcher with real connections whose libp2p is in reach: what happens to a connection can be made to happen. */
import { multiaddr } from '@multiformats/multiaddr'
import type { Libp2p } from 'libp2p'
import { onTestFinished } from 'vitest'
import { parseLink } from '../../src/content/link.ts'
import type { Gate } from '../../src/network/gate/gate.ts'
import { Libp2pChannel } from '../../src/network/libp2p-channel.ts'
import { Libp2pHost } from '../../src/network/libp2p-host.ts'
import { BlockWorkers } from '../../src/store/block-workers.ts'
import type { BlockAnswer, ContentSource } from '../../src/store/content-source.ts'
import { systemDisk } from '../../src/store/disk.ts'
import { PROTOCOL } from '../../src/transfer/constants.ts'
import { Download } from '../../src/transfer/download.ts'
import type { DownloadEvent, DownloadResult } from '../../src/transfer/download-events.ts'
import type { LeadSource } from '../../src/transfer/swarm/lead.ts'
import { TRANSFER_LIMITS } from '../../src/transfer/limits.ts'
import type { LookingFor } from '../../src/transfer/swarm/search-options.ts'
import { ShareRegistry } from '../../src/transfer/serving/share-registry.ts'
import { UploadService } from '../../src/transfer/serving/upload-service.ts'
import { systemSeams } from '../../src/util/system.ts'
import { temporaryFolder } from './files.ts'
import { startGated } from './gated-host.ts'
import { NOT_RECORDED } from './no-stagings.ts'

const { timers } = systemSeams
/** Silence is never noticed in a test's time: what ends must be told. */
export const PATIENT = { ...TRANSFER_LIMITS, idleTimeoutMs: 3_600_000, handshakeTimeoutMs: 3_600_000 }

export interface TestProvider {
  readonly libp2p: Libp2p
  readonly peerId: string
  readonly address: string
  /** Block payload bytes that it sent. */
  readonly sent: () => number
  /** Fetches with its own id. */
  readonly asFetcher: (link: string, from: readonly string[]) => Promise<DownloadResult>
  readonly stop: () => Promise<void>
}

export interface ProviderOptions {
  /** What is sent in the place of what was read. */
  readonly onRead?: (answer: BlockAnswer, block: number) => Promise<BlockAnswer> | BlockAnswer
}

export async function startProvider(
  source: ContentSource,
  { onRead = (answer) => answer }: ProviderOptions = {},
): Promise<TestProvider> {
  const { libp2p, gate, stop } = await startGated({})
  onTestFinished(stop)
  const registry = new ShareRegistry()
  registry.add({
    root: source.root,
    total: source.total,
    readNode: (cid) => source.readNode(cid),
    readBlock: async (block) => onRead(await source.readBlock(block), block),
  })
  const uploads = new UploadService({ registry, seams: systemSeams, limits: PATIENT })
  await libp2p.handle(
    PROTOCOL,
    (stream, connection) => uploads.accept(new Libp2pChannel(stream, libp2p.peerId, connection, timers)),
    { maxInboundStreams: 100 },
  )
  return {
    libp2p,
    peerId: libp2p.peerId.toString(),
    address: multiaddr(libp2p.getMultiaddrs()[0]).toString(),
    sent: () => uploads.served(source.root.toString()).bytes,
    asFetcher: (link, from) => fetchWith(libp2p, gate, link, { from, waitMs: 1_000 }),
    stop,
  }
}

export interface Fetcher {
  readonly libp2p: Libp2p
  readonly fetch: (link: string, init: FetchInit) => Promise<DownloadResult>
}

export interface FetchInit extends Partial<LookingFor> {
  readonly from: readonly string[]
  readonly waitMs?: number
  readonly onEvent?: (event: DownloadEvent) => void
}

export async function startFetcher(): Promise<Fetcher> {
  const { libp2p, gate, stop } = await startGated({})
  onTestFinished(stop)
  return { libp2p, fetch: (link, init) => fetchWith(libp2p, gate, link, init) }
}

async function fetchWith(
  libp2p: Libp2p,
  gate: Gate,
  link: string,
  { from, ...init }: FetchInit,
): Promise<DownloadResult> {
  const workers = new BlockWorkers({ threads: 2 })
  onTestFinished(() => workers.close())
  // Nobody is found by it.
  const discovery = {} as Libp2pHost['discovery']
  const end = async (): Promise<void> => {}
  const place = { addresses: () => [], addressFacts: () => [], gate, discovery }
  const host = new Libp2pHost({ ...place, libp2p, protocol: PROTOCOL, seams: systemSeams, end })
  const source: LeadSource = {
    name: 'peer',
    isTrusted: true,
    leads: async function* () {
      for (const address of from) {
        const peerId = address.slice(address.lastIndexOf('/') + 1)
        yield { key: address, peerId, connect: (signal) => host.dial([address], signal, 'named') }
      }
    },
  }
  const download = new Download({
    link: parseLink(link),
    directory: await temporaryFolder(),
    only: [],
    overwrite: false,
    disk: systemDisk,
    stagings: NOT_RECORDED,
    workers,
    seams: systemSeams,
    limits: PATIENT,
    platform: 'posix',
    waitMs: 60_000,
    signal: new AbortController().signal,
    sources: () => [source],
    ...init,
  })
  return await download.run()
}
