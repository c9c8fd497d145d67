/**
 * `--network public` against an imitation of the internet: the same code and other bootstrap devices. Namespaces with public
 * addresses are on one network; a home with private ones is behind a router that hides it.
 */
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { SHOAL } from '../bench/processes.ts'
import { temporaryFolder } from '../helpers/nodes.ts'
import { Lab, nftIsMissing, type Resident } from './namespaces.ts'

const BARE_DHT = fileURLToPath(new URL('bare-dht-program.ts', import.meta.url))
const FILE_BYTES = 2_000_000
/** Four fetches one after the other, on a machine with other work to do. */
const MOST_MS = 300_000

let net: Lab
let bootstrap: string
let file: string
let bytes: Buffer

/** A machine on the internet, one at home behind the router, and another one there. */
let machines: Record<'server' | 'elsewhere' | 'atHome' | 'besides', string>

beforeEach(async ({ skip }) => {
  skip(nftIsMissing !== undefined, nftIsMissing)
  net = new Lab('public')
  onTestFinished(() => net.remove())
  const [internet, home] = [net.bridge('net'), net.bridge('home')]
  const machine = (name: string, bridge: string, cidr: string, via?: string): string => {
    const made = net.machine(name)
    net.join(made, bridge, cidr)
    if (via !== undefined) net.route(made, via)
    return made
  }
  const boot = machine('boot', internet, '45.10.0.1/16')
  net.router('router', [internet, '45.10.0.9/16'], [home, '192.168.7.1/24'])
  machines = {
    server: machine('server', internet, '45.10.1.2/16'),
    elsewhere: machine('other', internet, '45.10.2.3/16'),
    atHome: machine('athome', home, '192.168.7.2/24', '192.168.7.1'),
    besides: machine('besides', home, '192.168.7.3/24', '192.168.7.1'),
  }
  const bare = net.run(boot, BARE_DHT, '/ip4/45.10.0.1/tcp/4001', '/ipfs/kad/1.0.0')
  bootstrap = String((await bare.said('ready'))['address'])
  file = join(await temporaryFolder(), 'talk.ogg')
  bytes = randomBytes(FILE_BYTES)
  await writeFile(file, bytes)
})

async function shoal(machine: string, ...args: string[]): Promise<Resident> {
  const home = join(await temporaryFolder(), 'home')
  return net.run(machine, SHOAL, ...args, '--json', '--home', home, '--bootstrap', bootstrap)
}

/** Resolves with the link, and with what is left of it without its hints. */
async function share(machine: string): Promise<{ link: string; bare: string; sharer: Resident }> {
  const sharer = await shoal(machine, 'share', file)
  const link = String((await sharer.said('ready'))['link'])
  return { link, bare: link.slice(0, link.indexOf('.')), sharer }
}

async function fetch(machine: string, link: string, ...more: string[]): Promise<Resident> {
  // As long as it takes on a machine with other work to do.
  const wait = more.includes('--wait') ? [] : ['--wait', '80s']
  return shoal(machine, 'fetch', link, '-o', join(await temporaryFolder(), 'out'), ...wait, ...more)
}

async function expectArrived(fetcher: Resident): Promise<void> {
  const { path } = await fetcher.said('done')
  expect(Buffer.compare(await readFile(String(path)), bytes)).toBe(0)
  expect(await fetcher.ended).toBe(0)
  expect(fetcher.stderr).toBe('')
}

describe(`the public preset in a private imitation (${nftIsMissing ?? 'namespaces'})`, () => {
  test(
    'who shares at a public address is found by the DHT, from the internet and from behind a router',
    async () => {
      const { bare, sharer, link } = await share(machines.server)
      expect(link).not.toBe(bare)
      await expectArrived(await fetch(machines.elsewhere, bare))
      await expectArrived(await fetch(machines.atHome, bare))
      // The link has the public address: it needs nobody else.
      await expectArrived(await fetch(machines.atHome, link))
      expect(await sharer.stop()).toBe(0)
      expect(sharer.stderr).toBe('')
    },
    MOST_MS,
  )

  test(
    'who shares behind a router is found at home, and not from the internet, which says whom it asked',
    async () => {
      const { link, bare } = await share(machines.atHome)
      await expectArrived(await fetch(machines.besides, bare))
      const outside = await fetch(machines.elsewhere, link, '--wait', '6s')
      expect(await outside.said('error')).toMatchObject({
        code: 'ERR_NO_PROVIDER',
        message: expect.stringMatching(
          /asked for 6 s: the sender \(no answer\), devices met before \(nobody has it\), this local network \(nobody has it\), the network \((nobody has it|no answer)\)/,
        ) as string,
      })
      expect(await outside.ended).toBe(3)
    },
    MOST_MS,
  )
})
