/** A machine without any network: Shoal starts all the same, says so in one line, and goes on when there is one. */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { SHOAL } from '../bench/processes.ts'
import { temporaryFolder } from '../helpers/nodes.ts'
import { Lab, namespacesAreMissing } from './namespaces.ts'

/** Slack for a machine with other work to do: the mark is 2 s, and the figure is printed. */
const MOST_SECONDS = 15

test(`offline: quiet, one line, and ready soon (${namespacesAreMissing ?? 'namespaces'})`, async ({
  skip,
}) => {
  skip(namespacesAreMissing !== undefined, namespacesAreMissing)
  const net = new Lab('offline')
  onTestFinished(() => net.remove())
  const [machine, other, bridge] = [net.machine('alone'), net.machine('other'), net.bridge('br')]
  net.join(other, bridge, '10.78.0.2/24')
  const folder = await temporaryFolder()
  const file = join(folder, 'talk.ogg')
  await writeFile(file, randomBytes(10_000))
  const startedMs = performance.now()
  const sharer = net.run(machine, SHOAL, 'share', file, '--json', '--home', join(folder, 'home'))
  const { link } = await sharer.said('ready')
  const seconds = (performance.now() - startedMs) / 1_000
  console.log(JSON.stringify({ figure: 'offline-ready-seconds', seconds: Number(seconds.toFixed(2)) }))
  expect(seconds).toBeLessThan(MOST_SECONDS)
  const told = sharer.facts.filter(({ type }) => type === 'warning')
  expect(told).toEqual([expect.objectContaining({ code: 'WARN_OFFLINE' })])

  const bare = String(link).replace(/\.[^.#]*$/, '')
  const to = join(folder, 'out')
  const fetcher = net.run(other, SHOAL, 'fetch', bare, '-o', to, '--json', '--home', join(folder, 'bob'))
  net.join(machine, bridge, '10.78.0.1/24')
  await fetcher.said('done')
  expect(await fetcher.ended).toBe(0)
  expect([sharer.stderr, fetcher.stderr]).toEqual(['', ''])
  expect(await sharer.stop()).toBe(0)
})

test(`without any interface, that of the machine itself among them, it starts as well (${namespacesAreMissing ?? 'namespaces'})`, async ({
  skip,
}) => {
  skip(namespacesAreMissing !== undefined, namespacesAreMissing)
  const net = new Lab('mute')
  onTestFinished(() => net.remove())
  const machine = net.machine('alone')
  net.silence(machine)
  const folder = await temporaryFolder()
  const file = join(folder, 'talk.ogg')
  await writeFile(file, randomBytes(10_000))
  const sharer = net.run(machine, SHOAL, 'share', file, '--json', '--home', join(folder, 'home'))
  expect(await sharer.said('ready')).toMatchObject({ addresses: [] })
  expect(sharer.stderr).toBe('')
  expect(await sharer.stop()).toBe(0)
})
