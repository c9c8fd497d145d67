/** A plain libp2p node with kad-dht and none of our code: what the bootstrap devices of a public network are. */
import { noise } from '@chainsafe/libp2p-noise'
import { identify } from '@libp2p/identify'
import { kadDHT } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'

const [listen = '', protocol = ''] = process.argv.slice(2)
const node = await createLibp2p({
  // Announced, not verified by others first: a bootstrap device is configured by its owner.
  addresses: { listen: [listen], announce: [listen] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  services: { identify: identify(), ping: ping(), dht: kadDHT({ protocol, clientMode: false }) },
})
console.log(JSON.stringify({ type: 'ready', address: `${listen}/p2p/${node.peerId.toString()}` }))
