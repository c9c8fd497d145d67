/**
 * A thread that sends a node of the table records of its own as fast as the node takes them, until it is terminated. By itself, so that what is seen
 * of the node is the node's doing.
 */
import { workerData } from 'node:worker_threads'
import { multiaddr } from '@multiformats/multiaddr'
import { DHT_PRESETS } from '../../src/network/dht/dht.ts'
import { addressOf, startBare } from './dht-net.ts'
import { addProvider, framed, multihash } from './dht-messages.ts'

const { target, records } = workerData as { readonly target: string; readonly records: number }
const libp2p = await startBare('/attacker/kad/1.0.0')
const connection = await libp2p.dial(multiaddr(target))
const stream = await connection.newStream(DHT_PRESETS.private.protocol)
const id = libp2p.peerId.toMultihash().bytes
for (let i = 0; i < records; i++) {
  const record = framed(addProvider(multihash(i), id, [addressOf(libp2p).bytes]))
  if (!stream.send(record)) await stream.onDrain()
}
