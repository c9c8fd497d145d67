/**
 * A libp2p node with discovery on the local network as a node has it, or a bare listener, for tests in namespaces. What
 * happens is a JSON line on stdout. Ends in order at SIGINT.
 *
 * Usage: node lan-program.ts share TEXT | find TEXT [ROUNDS] | hear
 *
 * `share` serves the content named by TEXT; `find` looks for it, each round in a node of its own, and then ROUNDS times
 * more in one node; `hear` tells of every packet of multicast DNS that comes.
 */
import { createSocket } from 'node:dgram'
import { networkInterfaces } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { noise } from '@chainsafe/libp2p-noise'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p, type Libp2p } from 'libp2p'
import { sha256 } from '../../packages/node/src/content/cid.ts'
import { startLan, type Lan } from '../../packages/node/src/network/lan/lan.ts'
import type { Candidate } from '../../packages/node/src/network/provider-source.ts'
import { systemSeams } from '../../packages/node/src/util/system.ts'

const MDNS_PORT = 5_353
/** Fixed, as a home's port is. */
const SHARE_PORT = 4_001
const MDNS_GROUP = '224.0.0.251'
const ANSWER_PAUSE_MS = 1_500
/** How long a search lasts that finds nobody, in milliseconds. */
const MOST_MS = 10_000

const [mode = '', text = '', rounds = '1'] = process.argv.slice(2)

function say(fact: object): void {
  process.stdout.write(`${JSON.stringify(fact)}\n`)
}

async function startNode(
  port: number,
  isServed: (digest: Uint8Array) => boolean,
): Promise<{ libp2p: Libp2p; lan: Lan }> {
  const listen = [`/ip4/0.0.0.0/tcp/${port}`, `/ip6/::/tcp/${port}`]
  const libp2p = await createLibp2p({
    addresses: { listen: [...listen] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  })
  const onWarning = ({ code }: { code: string }): void => say({ type: 'warning', code })
  const lan = await startLan({ libp2p, listen, preset: 'public', seams: systemSeams, isServed, onWarning })
  return { libp2p, lan }
}

async function stopNode({ libp2p, lan }: { libp2p: Libp2p; lan: Lan }): Promise<void> {
  await lan.stop()
  await libp2p.stop()
}

async function share(): Promise<void> {
  const wanted = sha256(Buffer.from(text))
  const node = await startNode(SHARE_PORT, (digest) => Buffer.compare(digest, wanted) === 0)
  say({ type: 'ready', peerId: node.libp2p.peerId.toString() })
  process.once('SIGINT', () => void stopNode(node))
}

async function search({ lan }: { lan: Lan }): Promise<Candidate | undefined> {
  for await (const candidate of lan.source.find(sha256(Buffer.from(text)), AbortSignal.timeout(MOST_MS))) {
    return candidate
  }
  return undefined
}

async function find(): Promise<void> {
  const measure = async (kind: string, node: { libp2p: Libp2p; lan: Lan }): Promise<void> => {
    const startedMs = performance.now()
    const candidate = await search(node)
    const ms = Math.round(performance.now() - startedMs)
    if (candidate === undefined) say({ type: 'nobody', devices: node.lan.devices().length })
    else say({ type: 'found', kind, ms, ...candidate })
  }
  for (let left = Number(rounds); left > 0; left--) {
    // Devices answer once a second: the answer to the last round is none to this one.
    if (left < Number(rounds)) await sleep(ANSWER_PAUSE_MS)
    const node = await startNode(0, () => false)
    await measure('new', node)
    await stopNode(node)
  }
  const node = await startNode(0, () => false)
  await search(node)
  for (let left = Number(rounds) - 1; left > 0; left--) await measure('running', node)
  say({ type: 'done' })
  await stopNode(node)
}

function hear(): void {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  socket.on('message', ({ byteLength }, { address }) =>
    say({ type: 'packet', bytes: byteLength, from: address }),
  )
  socket.bind(MDNS_PORT, MDNS_GROUP, () => {
    for (const addresses of Object.values(networkInterfaces())) {
      for (const { address, family } of addresses ?? []) {
        if (family === 'IPv4') socket.addMembership(MDNS_GROUP, address)
      }
    }
    say({ type: 'ready' })
  })
  process.once('SIGINT', () => socket.close())
}

if (mode === 'share') await share()
else if (mode === 'find') await find()
else hear()
