/** `shoal share` and `shoal fetch` on a local network of namespaces, with nothing configured and a link that names nobody. */
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { SHOAL } from '../bench/processes.ts'
import { temporaryFolder } from '../helpers/nodes.ts'
import { Lab, namespacesAreMissing, type Resident } from './namespaces.ts'

const FILE_BYTES = 3_000_000

async function home(): Promise<string[]> {
  return ['--json', '--home', join(await temporaryFolder(), 'home')]
}

/** `shoal://<root>#<key>` without its hints. */
function withoutHints(link: unknown): string {
  return String(link).replace(/\.[^.#]*$/, '')
}

async function share(
  net: Lab,
  machine: string,
  path: string,
  flags: readonly string[],
): Promise<[Resident, string]> {
  const sharer = net.run(machine, SHOAL, 'share', path, ...(await home()), ...flags)
  const { link } = await sharer.said('ready')
  const bare = withoutHints(link)
  expect(bare).toMatch(/^shoal:\/\/[a-z0-9]+#[\w-]{48}$/)
  return [sharer, bare]
}

describe.skipIf(namespacesAreMissing !== undefined)(
  `on a local network (${namespacesAreMissing ?? 'namespaces'})`,
  () => {
    test.each([
      ['nothing configured', []],
      ['--network lan', ['--network', 'lan']],
    ])('a link without addresses is fetched, with %s, and not from outside', async (_what, flags) => {
      const net = new Lab(`command${flags.length}`)
      onTestFinished(() => net.remove())
      const [bridge, elsewhere] = [net.bridge('br'), net.bridge('br2')]
      const [here, there, outside] = [net.machine('m1'), net.machine('m2'), net.machine('m3')]
      net.join(here, bridge, '10.77.0.1/24')
      net.join(there, bridge, '10.77.0.2/24')
      net.join(outside, elsewhere, '10.77.0.3/24')
      const folder = await temporaryFolder()
      const source = join(folder, 'film')
      const bytes = randomBytes(FILE_BYTES)
      await writeFile(source, bytes)

      const [sharer, link] = await share(net, here, source, flags)
      const fetch = async (machine: string, to: string, ...more: string[]): Promise<Resident> =>
        net.run(machine, SHOAL, 'fetch', link, '-o', join(folder, to), ...(await home()), ...flags, ...more)
      const stranger = await fetch(outside, 'outside', '--wait', '5s')
      const fetcher = await fetch(there, 'there')
      const done = await fetcher.said('done')
      console.log(
        JSON.stringify({ figure: 'lan-fetch-seconds', bytes: FILE_BYTES, seconds: done['seconds'], flags }),
      )
      expect(await fetcher.ended).toBe(0)
      expect(Buffer.compare(await readFile(join(folder, 'there', 'film')), bytes)).toBe(0)

      expect(await stranger.said('error')).toMatchObject({ code: 'ERR_NO_PROVIDER' })
      expect(await stranger.ended).toBe(3)
      expect([sharer, fetcher].map(({ stderr }) => stderr)).toEqual(['', ''])
      expect(await sharer.stop()).toBe(0)
    })

    test.each([
      ['two devices with nothing but a cable between them', ['169.254.7.1/16', '169.254.7.2/16']],
      ['two homes of one device', ['10.77.0.1/24']],
    ])('%s find each other, with nothing configured', async (_what, cidrs) => {
      const net = new Lab(`pair${cidrs.length}`)
      onTestFinished(() => net.remove())
      const bridge = net.bridge('br')
      const machines = cidrs.map((cidr, i) => {
        const machine = net.machine(`m${i}`)
        net.join(machine, bridge, cidr)
        return machine
      })
      const [here = '', there = here] = machines
      const folder = await temporaryFolder()
      const source = join(folder, 'film')
      const bytes = randomBytes(FILE_BYTES)
      await writeFile(source, bytes)
      const [, link] = await share(net, here, source, [])
      const fetcher = net.run(there, SHOAL, 'fetch', link, '-o', join(folder, 'there'), ...(await home()))
      await fetcher.said('done')
      expect(await fetcher.ended).toBe(0)
      expect(Buffer.compare(await readFile(join(folder, 'there', 'film')), bytes)).toBe(0)
    })
  },
)
