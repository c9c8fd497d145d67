/**
 * Shares from a libp2p node that the program runs anyhow, with its own services, and goes on with it when Shoal stops.
 * Usage: node embed.ts FILE FOLDER
 */
import { noise } from '@chainsafe/libp2p-noise'
import { identify } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createNode } from '@shoal/node'
import { createLibp2p } from 'libp2p'

const [file = '', folder = '.'] = process.argv.slice(2)
const libp2p = await createLibp2p({
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  services: { identify: identify(), ping: ping() },
})
const shoal = await createNode({ home: 'embedded', network: 'private', libp2p })
console.log(`one peer id: ${shoal.peerId === libp2p.peerId.toString()}`)
const offersShoal = (): boolean => libp2p.getProtocols().includes('/shoal/transfer/1.0.0')
console.log(`it speaks Shoal: ${offersShoal()}`)

// Somebody else, with a node of Shoal's own.
await using bob = await createNode({ home: 'bob', network: 'private', listen: ['/ip4/127.0.0.1/tcp/0'] })
const { link } = await shoal.share(file)
const { bytes } = await bob.fetch(link, { directory: folder })
console.log(`fetched ${bytes} bytes from the libp2p node`)

await shoal.stop()
console.log(`Shoal has stopped, libp2p is ${libp2p.status}`)
console.log(`it speaks Shoal: ${offersShoal()}`)
// Its other services go on.
const [connection] = libp2p.getConnections()
if (connection !== undefined)
  console.log(`ping: ${(await libp2p.services.ping.ping(connection.remotePeer)) >= 0}`)
await libp2p.stop()
