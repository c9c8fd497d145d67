import { noise } from '@chainsafe/libp2p-noise'
import { identify } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { tls } from '@libp2p/tls'
import { yamux } from '@libp2p/yamux'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import { expect, onTestFinished, test } from 'vitest'
import { createGate } from '../../src/network/gate/gate.ts'
import { lazyTls } from '../../src/network/lazy-tls.ts'
import { systemSeams } from '../../src/util/system.ts'

/** What a node of ours offers: the guard of the gate is put over what `lazyTls` returns. */
const gate = createGate({
  preset: 'private',
  seams: systemSeams,
  peerId: 'nobody',
  ownAddresses: () => [],
  isProtected: () => false,
})
const OURS: Libp2pOptions['connectionEncrypters'] = [gate.encrypter(noise()), gate.encrypter(lazyTls())]

async function start(connectionEncrypters: Libp2pOptions['connectionEncrypters']) {
  const libp2p = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters,
    streamMuxers: [yamux()],
    services: { identify: identify(), ping: ping() },
  })
  onTestFinished(() => libp2p.stop())
  return libp2p
}

test.each([
  ['a peer that speaks nothing else dials', [tls()], OURS, '/tls/1.0.0'],
  ['a peer that speaks nothing else is dialled', OURS, [tls()], '/tls/1.0.0'],
  ['two nodes agree on Noise', OURS, OURS, '/noise'],
])('%s', async (_what, ofDialler, ofListener, encryption) => {
  const [dialler, listener] = [await start(ofDialler), await start(ofListener)]
  const [address] = listener.getMultiaddrs()
  const connection = await dialler.dial(address as NonNullable<typeof address>)
  expect(connection.encryption).toBe(encryption)
  expect(await dialler.services.ping.ping(connection.remotePeer)).toBeGreaterThanOrEqual(0)
})
