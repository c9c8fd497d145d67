/** Connections that either side closes in order, as a library does that has too many: the fetch goes on, and waits for no time-out. */
import { randomBytes } from 'node:crypto'
import type { Connection } from '@libp2p/interface'
import type { Libp2p } from 'libp2p'
import { expect, onTestFinished, test } from 'vitest'
import { BlockWorkers } from '../../src/store/block-workers.ts'
import { makeShare, type MadeShare } from '../helpers/providers.ts'
import { startFetcher, startProvider, type Fetcher, type TestProvider } from '../helpers/libp2p-swarm.ts'

const BYTES = 24 * 1_048_576
/** Times that a connection is closed in one fetch. */
const CLOSES = 5

async function start(): Promise<{ share: MadeShare; provider: TestProvider; fetcher: Fetcher }> {
  const workers = new BlockWorkers({ threads: 2 })
  onTestFinished(() => workers.close())
  const share = await makeShare({ '': randomBytes(BYTES) }, 'public', workers)
  return { share, provider: await startProvider(share.source), fetcher: await startFetcher() }
}

function closeAll(libp2p: Libp2p): void {
  for (const connection of libp2p.getConnections()) void connection.close().catch(() => {})
}

/** Calls back with the first connections of a host, once they are open. */
function onOpen(libp2p: Libp2p, callback: (connection: Connection, count: number) => void): void {
  let count = 0
  libp2p.addEventListener('connection:open', ({ detail }) => callback(detail, ++count))
}

type Side = 'the provider' | 'the fetcher'
const SIDES: readonly Side[] = ['the provider', 'the fetcher']

test.each(SIDES)('a connection that %s closes as soon as it is open', { timeout: 60_000 }, async (side) => {
  const { share, provider, fetcher } = await start()
  let closed = 0
  onOpen(side === 'the provider' ? provider.libp2p : fetcher.libp2p, (connection, count) => {
    if (count > CLOSES) return
    closed++
    void connection.close().catch(() => {})
  })
  const { bytes } = await fetcher.fetch(share.link, { from: [provider.address] })
  expect(bytes).toBe(BYTES)
  expect(closed).toBe(CLOSES)
})

test.each(SIDES)(
  'a connection that %s closes while the handshake runs',
  { timeout: 60_000 },
  async (side) => {
    const { share, provider, fetcher } = await start()
    const { libp2p } = side === 'the provider' ? provider : fetcher
    let closed = 0
    // The stream of the transfer is there, and next to nothing was said in it.
    const watch = setInterval(() => {
      const isOpening = libp2p.getConnections().some(({ streams }) => streams.some(isTransfer))
      if (!isOpening || closed === CLOSES) return
      closed++
      closeAll(libp2p)
    }, 1)
    onTestFinished(() => clearInterval(watch))
    const { bytes } = await fetcher.fetch(share.link, { from: [provider.address] })
    expect(bytes).toBe(BYTES)
    expect(closed).toBeGreaterThan(0)
  },
)

test.each(SIDES)('a connection that %s closes while blocks come', { timeout: 60_000 }, async (side) => {
  const { share, provider, fetcher } = await start()
  const { libp2p } = side === 'the provider' ? provider : fetcher
  let closed = 0
  const { bytes, bytesFetched } = await fetcher.fetch(share.link, {
    from: [provider.address],
    onEvent: (event) => {
      if (event.type !== 'progress' || event.bytes < ((closed + 1) * BYTES) / (CLOSES + 1)) return
      if (closed === CLOSES) return
      closed++
      closeAll(libp2p)
    },
  })
  expect(bytes).toBe(BYTES)
  expect(closed).toBeGreaterThan(0)
  // What was verified is not got again.
  expect(bytesFetched).toBeLessThan(BYTES + 1_048_576)
})

test('a stream whose writing side alone is closed, by either side', { timeout: 60_000 }, async () => {
  const { share, provider, fetcher } = await start()
  let closed = 0
  const { bytes } = await fetcher.fetch(share.link, {
    from: [provider.address],
    onEvent: (event) => {
      if (event.type !== 'progress' || event.bytes < ((closed + 1) * BYTES) / 4 || closed === 2) return
      const { libp2p } = closed++ === 0 ? provider : fetcher
      for (const { streams } of libp2p.getConnections()) {
        for (const stream of streams.filter(isTransfer)) void stream.close().catch(() => {})
      }
    },
  })
  expect(bytes).toBe(BYTES)
  expect(closed).toBe(2)
})

function isTransfer({ protocol }: { readonly protocol: string }): boolean {
  return protocol.startsWith('/shoal/transfer/')
}
