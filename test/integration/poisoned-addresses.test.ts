/** Strangers name addresses that point at this machine and what stands beside it: they are not dialled. */
import { createServer, type AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, onTestFinished, test } from 'vitest'
import { newPeerId } from '../../packages/node/test/helpers/libp2p.ts'
import { connect, gated, stock, until } from '../helpers/hosts.ts'

/** Networks of the host under test; 10.8.0.0/16 is one, 10.9.0.0/16 is not. No real neighbour is in any. */
const SUBNETS = [
  { address: '127.0.0.1', prefixLength: 8 },
  { address: '10.8.0.5', prefixLength: 16 },
  ...ownHosts().map((address) => ({ address, prefixLength: 32 })),
]

/** Before a socket was opened. */
const REFUSED = /denied all addresses|no valid addresses|name stands for nothing/

/** Something that listens and counts who comes: an API, a router, a neighbour. */
async function listener(host: string): Promise<{ port: number; hits: () => number }> {
  let hits = 0
  const server = createServer((socket) => {
    hits++
    socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, hits: () => hits }
}

/** All that points home: this machine in every spelling, its API, link-local, a neighbour on a foreign network. */
function poison(port: number, own: readonly string[]): string[] {
  return [
    ...own.map((host) => `/ip4/${host}/tcp/${port}`),
    `/ip4/127.0.0.1/tcp/${port}`,
    `/ip4/127.0.0.77/tcp/${port}`,
    `/ip4/0.0.0.0/tcp/${port}`,
    `/ip6/::1/tcp/${port}`,
    `/ip6/::ffff:7f00:1/tcp/${port}`,
    `/ip6/64:ff9b::7f00:1/tcp/${port}`,
    `/ip6/2002:7f00:1::/tcp/${port}`,
    `/dns4/localhost/tcp/${port}`,
    `/dns/localhost/tcp/${port}`,
    '/ip4/169.254.169.254/tcp/80',
    '/ip6/fe80::1/tcp/80',
    '/ip4/224.0.0.1/tcp/80',
    '/ip4/192.0.2.1/tcp/80',
    '/ip4/198.18.0.1/tcp/80',
    `/ip4/10.9.0.1/tcp/${port}`,
  ]
}

function ownHosts(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ family }) => family === 'IPv4')
    .map(({ address }) => address)
}

test.each(['public', 'lan'] as const)(
  'in the %s network no record of a stranger makes us dial this machine',
  async (preset) => {
    const home = await listener('0.0.0.0')
    const { libp2p, gate } = await gated({ preset, subnets: () => SUBNETS })
    const addresses = poison(home.port, ownHosts())
    // What a source of providers would do with a record: store it, then dial the peer; or dial the addresses.
    for (const address of addresses) {
      const stored = await newPeerId()
      await libp2p.peerStore.merge(stored, { multiaddrs: [multiaddr(address)] })
      await expect(libp2p.dial(stored)).rejects.toThrow(REFUSED)
      await expect(libp2p.dial(multiaddr(`${address}/p2p/${String(await newPeerId())}`))).rejects.toThrow(
        REFUSED,
      )
      await expect(libp2p.dial(multiaddr(address))).rejects.toThrow(REFUSED)
    }
    // A name is dialled, in the public network, and found to be this machine before a socket is opened.
    const names = preset === 'public' ? addresses.filter((address) => address.startsWith('/dns')).length : 0
    expect(gate.stats().strangerDials).toBe(names * 3)
    expect(home.hits()).toBe(0)
    expect(gate.stats().dialsDenied).toBeGreaterThanOrEqual(addresses.length * 2)
  },
)

test('a private address of a network that this machine is in may be dialled, of another not', async () => {
  const host = await gated({ preset: 'public', subnets: () => SUBNETS })
  const { gater } = host.gate
  const mayDial = (address: string): boolean => gater.denyDialMultiaddr?.(multiaddr(address)) === false
  expect(mayDial('/ip4/10.8.3.4/tcp/4001')).toBe(true)
  expect(mayDial('/ip4/10.8.0.5/tcp/4001')).toBe(false)
  expect(mayDial('/ip4/10.9.3.4/tcp/4001')).toBe(false)
})

test('in the private network, and with a permit elsewhere, the same listener is reached', async () => {
  const home = await listener('127.0.0.1')
  const address = `/ip4/127.0.0.1/tcp/${home.port}`
  const open = await gated({ preset: 'private' })
  await expect(open.libp2p.dial(multiaddr(address))).rejects.toBeInstanceOf(Error)
  await until(() => home.hits() === 1, 'the listener was reached')
  const shut = await gated({ preset: 'public', subnets: () => SUBNETS })
  const permit = shut.gate.permit([address])
  await expect(shut.libp2p.dial(multiaddr(address))).rejects.toBeInstanceOf(Error)
  permit[Symbol.dispose]()
  await until(() => home.hits() === 2, 'the listener was reached with a permit')
  await expect(shut.libp2p.dial(multiaddr(address))).rejects.toThrow(REFUSED)
  expect(home.hits()).toBe(2)
})

test('what a peer says of itself when it connects is kept only if it may be dialled', async () => {
  const home = await listener('127.0.0.1')
  const victim = await gated({ preset: 'public', subnets: () => SUBNETS })
  const poisoned = [...poison(home.port, ownHosts()), '/ip4/8.8.8.8/tcp/4001']
  const liar = await stock({ addresses: { announce: poisoned } })
  const identified = new Promise<void>((resolve) =>
    victim.libp2p.addEventListener('peer:identify', ({ detail }) => {
      // That it said so is what makes this test one.
      expect(detail.listenAddrs.map(String)).toContain(`/ip4/127.0.0.1/tcp/${home.port}`)
      resolve()
    }),
  )
  await connect(liar, victim.address)
  await identified
  const known = async (): Promise<string[]> => {
    const { addresses } = await victim.libp2p.peerStore.get(liar.peerId)
    return addresses.map((address) => address.multiaddr.toString())
  }
  await expect.poll(known).toContain('/ip4/8.8.8.8/tcp/4001')
  expect((await known()).filter((address) => !address.startsWith('/dns'))).toEqual(['/ip4/8.8.8.8/tcp/4001'])
  await liar.stop()
  expect(home.hits()).toBe(0)
})
