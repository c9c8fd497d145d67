/** Who is turned away while a node cannot keep up, and who is not. */
import { multiaddr } from '@multiformats/multiaddr'
import type { Libp2p } from 'libp2p'
import { expect, onTestFinished, test } from 'vitest'
import type { Shedding } from '../../packages/node/src/network/loop-watchdog.ts'
import { connect, isTaken, stock, until } from '../helpers/hosts.ts'
import { startGated, type Gated } from '../../packages/node/test/helpers/gated-host.ts'

const ASKED = '/test/asked/1'
const ANSWERING = '/test/answering/1'

class Switch implements Shedding {
  isOn = false
  count = 0
  refused(): void {
    this.count++
  }
}

interface Busy extends Gated {
  readonly address: string
  readonly shedding: Switch
}

async function busy(isProtected = (_peer: string): boolean => false): Promise<Busy> {
  const shedding = new Switch()
  const host = await startGated({ shedding, answering: [ANSWERING], isProtected })
  onTestFinished(host.stop)
  for (const protocol of [ASKED, ANSWERING]) {
    await host.libp2p.handle(protocol, (stream) => {
      stream.addEventListener('message', () => stream.send(Uint8Array.of(1)))
    })
  }
  return { ...host, address: String(host.libp2p.getMultiaddrs()[0]), shedding }
}

/** Does a question on a stream of its own come to an answer? */
async function isAnswered(peer: Libp2p, to: Libp2p, protocol: string): Promise<boolean> {
  const [connection] = peer.getConnections(to.peerId)
  try {
    const stream = await connection?.newStream(protocol)
    return await new Promise((resolve) => {
      stream?.addEventListener('message', () => resolve(true))
      stream?.addEventListener('close', () => resolve(false))
      stream?.send(Uint8Array.of(1))
    })
  } catch {
    return false
  }
}

test('a connection of a stranger is closed before its handshake, and taken when all is well again', async () => {
  const { address, shedding, gate } = await busy()
  const stranger = await stock()
  shedding.isOn = true
  expect(await isTaken(stranger, address)).toBe(false)
  expect(shedding.count).toBeGreaterThan(0)
  expect(gate.stats()).toMatchObject({
    pending: 0,
    connections: 0,
    connectionsRefused: 0,
    acceptedTooFast: 0,
  })
  shedding.isOn = false
  await connect(stranger, address)
  await until(() => gate.stats().connections === 1, 'it is connected')
})

test('who is connected stays so and has its open streams; what it opens is reset, but pings and what answers by itself', async () => {
  const { libp2p, address, shedding } = await busy()
  const peer = await stock()
  await connect(peer, address)
  const open = await peer.dialProtocol(multiaddr(address), ASKED)
  open.send(Uint8Array.of(1))
  await new Promise((resolve) => open.addEventListener('message', resolve, { once: true }))
  shedding.isOn = true
  expect(await isAnswered(peer, libp2p, ASKED)).toBe(false)
  expect(shedding.count).toBe(1)
  expect(await isAnswered(peer, libp2p, ANSWERING)).toBe(true)
  const again = new Promise((resolve) => open.addEventListener('message', resolve, { once: true }))
  open.send(Uint8Array.of(1))
  await again
  // Of a ping that comes to nothing libraries close the connection.
  expect(await isAnswered(peer, libp2p, '/ipfs/ping/1.0.0')).toBe(true)
  expect(shedding.count).toBe(1)
  expect(peer.getConnections()).toHaveLength(1)
  shedding.isOn = false
  expect(await isAnswered(peer, libp2p, ASKED)).toBe(true)
})

test('who came just before is told once who we are, or it would never know', async () => {
  const { libp2p, address, shedding } = await busy()
  const peer = await stock()
  const known = Promise.withResolvers<readonly string[]>()
  peer.addEventListener('peer:identify', ({ detail }) => known.resolve(detail.protocols))
  libp2p.addEventListener('connection:open', () => (shedding.isOn = true))
  await connect(peer, address)
  expect(await known.promise).toContain(ASKED)
  const before = shedding.count
  expect(await isAnswered(peer, libp2p, '/ipfs/id/1.0.0')).toBe(false)
  expect(shedding.count).toBe(before + 1)
})

test('whom we dialled, and who is protected, is answered all the same', async () => {
  const members = new Set<string>()
  const { libp2p, address, shedding } = await busy((peer) => members.has(peer))
  const member = await stock()
  members.add(member.peerId.toString())
  await connect(member, address)
  const other = await startGated({})
  onTestFinished(other.stop)
  shedding.isOn = true
  await libp2p.dial(multiaddr(String(other.libp2p.getMultiaddrs()[0])))
  await until(() => other.libp2p.getConnections().length === 1, 'it is connected')
  expect(await isAnswered(other.libp2p, libp2p, ASKED)).toBe(true)
  expect(await isAnswered(member, libp2p, ASKED)).toBe(true)
  expect(shedding.count).toBe(0)
})
