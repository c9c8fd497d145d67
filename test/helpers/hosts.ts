/** libp2p hosts on loopback: ours behind its gate, and stock ones, which stand for everybody else. */
import { noise } from '@chainsafe/libp2p-noise'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p, type Libp2pOptions } from 'libp2p'
import { onTestFinished } from 'vitest'
import { startGated, type Gated, type GatedInit } from '../../packages/node/test/helpers/gated-host.ts'

const POLL_MS = 10
const WAIT_MS = 20_000

/** Stopped when the test ends. */
export async function gated(init: GatedInit = {}): Promise<Gated & { address: string }> {
  const host = await startGated(init)
  onTestFinished(host.stop)
  return { ...host, address: String(host.libp2p.getMultiaddrs()[0]) }
}

/** A stock host that dials from `localAddress`. */
export async function stock(options: Libp2pOptions = {}, localAddress = '127.0.0.1'): Promise<Libp2p> {
  const dialOpts: object = { localAddress }
  const host = await createLibp2p({
    transports: [tcp({ dialOpts })],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
    ...options,
  })
  onTestFinished(async () => {
    await host.stop()
  })
  return host
}

export async function connect(host: Libp2p, address: string): Promise<void> {
  await host.dial(multiaddr(address))
}

/** Does the host at this address take a connection of `host`? */
export function isTaken(host: Libp2p, address: string): Promise<boolean> {
  return connect(host, address).then(
    () => true,
    () => false,
  )
}

export async function until(isTrue: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + WAIT_MS
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
