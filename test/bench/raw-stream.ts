/**
 * The yardstick: one libp2p stream between two processes over Noise and yamux, memory to memory, with the same
 * transports as Shoal and nothing else. `raw-stream.ts server` sends, `raw-stream.ts client ADDRESS BYTES` receives.
 */
import { noise } from '@chainsafe/libp2p-noise'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

const PROTOCOL = '/shoal/bench-raw/1.0.0'
const CHUNK_BYTES = 262_144

const [role, address = '', bytesText = '0'] = process.argv.slice(2)
const libp2p = await createLibp2p({
  addresses: { listen: role === 'server' ? ['/ip4/127.0.0.1/tcp/0'] : [] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  services: { identify: identify() },
})

if (role === 'server') {
  await libp2p.handle(PROTOCOL, async (stream) => {
    const total = await new Promise<number>((resolve) => {
      stream.addEventListener('message', (event) =>
        resolve(Number(Buffer.from(event.data.subarray()).toString())),
      )
    })
    const chunk = new Uint8Array(CHUNK_BYTES).fill(7)
    for (let sent = 0; sent < total; sent += CHUNK_BYTES) if (!stream.send(chunk)) await stream.onDrain()
    await stream.close()
  })
  console.log(JSON.stringify({ type: 'ready', address: libp2p.getMultiaddrs()[0]?.toString() }))
  process.on('SIGTERM', () => process.exit(0))
} else {
  const total = Number(bytesText)
  const stream = await libp2p.dialProtocol(multiaddr(address), PROTOCOL)
  const started = performance.now()
  let received = 0
  const finished = new Promise<void>((resolve) => {
    stream.addEventListener('message', (event) => {
      received += event.data.byteLength
      if (received >= total) resolve()
    })
  })
  stream.send(Buffer.from(bytesText))
  await finished
  console.log(
    JSON.stringify({ type: 'done', bytes: received, seconds: (performance.now() - started) / 1_000 }),
  )
  process.exit(0)
}
