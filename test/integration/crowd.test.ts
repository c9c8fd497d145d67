/** Honest crowds are not taken for attacks. */
import { multiaddr } from '@multiformats/multiaddr'
import { expect, onTestFinished, test } from 'vitest'
import { startHost } from '../../packages/node/src/network/host.ts'
import { PROTOCOL } from '../../packages/node/src/transfer/constants.ts'
import { systemSeams } from '../../packages/node/src/util/system.ts'
import { newPrivateKey } from '../../packages/node/test/helpers/libp2p.ts'
import { stock } from '../helpers/hosts.ts'

const PEERS = 40
const GREETING = 'hello'

test(`${PEERS} honest peers behind one address connect at once, and each gets its stream`, async () => {
  let served = 0
  // Not `private`, where loopback would be free of the limits by address.
  const provider = await startHost({
    privateKey: await newPrivateKey(),
    listen: ['/ip4/127.0.0.1/tcp/0'],
    protocol: PROTOCOL,
    network: 'public',
    bootstrap: [],
    mdns: false,
    seams: systemSeams,
    onChannel: (channel) => {
      served++
      channel.receive({ onData: () => {}, onClose: () => {} })
      channel.send(Buffer.from(GREETING))
    },
  })
  onTestFinished(() => provider.stop())
  const address = multiaddr(provider.addresses()[0])
  const campus = await Promise.all(Array.from({ length: PEERS }, () => stock({}, '127.0.0.9')))
  const started = performance.now()
  const results = await Promise.allSettled(
    campus.map(async (peer) => {
      const stream = await peer.dialProtocol(address, PROTOCOL)
      return new Promise<string>((resolve, reject) => {
        stream.addEventListener('message', ({ data }) => resolve(Buffer.from(data.subarray()).toString()))
        stream.addEventListener('close', ({ error }) => reject(error ?? new Error('closed')))
      })
    }),
  )
  const greeted = results.filter((result) => result.status === 'fulfilled' && result.value === GREETING)
  console.log(
    JSON.stringify({
      peers: PEERS,
      greeted: greeted.length,
      seconds: (performance.now() - started) / 1_000,
    }),
  )
  expect(results.filter(({ status }) => status === 'rejected')).toEqual([])
  expect(greeted).toHaveLength(PEERS)
  expect(served).toBe(PEERS)
  expect(provider.connectedPeers()).toHaveLength(PEERS)
})
