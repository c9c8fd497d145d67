/** The provider is killed and started again in the middle of a fetch, which goes on with it. Needs `tsc -b`. */
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { encodeLink, parseLink } from '../../packages/node/src/content/link.ts'
import { decodeAddress, encodeAddress } from '../../packages/node/src/network/multiaddrs.ts'
import { seededFloats } from '../../packages/node/test/helpers/simulation.ts'
import { shoal } from './command.ts'
import { runSeed } from './points.ts'
import { writeLarge } from './source-tree.ts'
import { start, type Running } from './strace.ts'
import { startThrottle } from './throttle.ts'
import { differences, treeOf } from './trees.ts'
import { withWorkFolder } from './work-folder.ts'

/** SHOAL_KILLS=30 SHOAL_KILL_MIB=512 for the figures. */
const KILLS = Number(process.env['SHOAL_KILLS'] ?? 3)
const CONTENT_MIB = Number(process.env['SHOAL_KILL_MIB'] ?? 64)
const MIB = 1_048_576
const BYTES_PER_SECOND = 20 * MIB
/** What a fetch gets besides blocks of content, each once: root, pages, padding. */
const MOST_BESIDES_BYTES = 2 * MIB
const MOST_MS = 900_000
const SEED = runSeed()

let work: string
let source: string

withWorkFolder(async (made) => {
  work = made
  source = join(work, 'large')
  await writeLarge(source, CONTENT_MIB)
})

async function share(): Promise<{ running: Running; link: string }> {
  const running = start({ ...shoal(join(work, 'provider'), ['share', source]), isLasting: true })
  onTestFinished(async () => {
    running.kill('SIGKILL')
    await running.ended
  })
  const ready = await running.said('ready')
  return { running, link: String(ready?.['link']) }
}

function portOf(link: string): number {
  const [address = new Uint8Array()] = parseLink(link).hints.addresses ?? []
  return Number(/\/tcp\/(\d+)/.exec(decodeAddress(address) ?? '')?.[1])
}

function linkAt(link: string, port: number): string {
  const parsed = parseLink(link)
  return encodeLink({
    ...parsed,
    hints: { ...parsed.hints, addresses: [encodeAddress(`/ip4/127.0.0.1/tcp/${port}`)] },
  })
}

test(
  `a fetch goes on with a provider that was killed ${KILLS} times, and gets nothing twice (seed ${SEED})`,
  async () => {
    let provider = await share()
    const { link } = provider
    const throttle = await startThrottle(portOf(link), BYTES_PER_SECOND)
    onTestFinished(() => throttle.close())
    const program = shoal(join(work, 'fetch'), ['fetch', '-', '-o', join(work, 'out')], {
      SHOAL_LINK: linkAt(link, throttle.port),
    })
    const fetch = start({ ...program, isLasting: true })
    onTestFinished(async () => {
      fetch.kill('SIGKILL')
      await fetch.ended
    })
    const float = seededFloats(SEED)
    const moments = Array.from({ length: KILLS }, () => float() * 0.95 * CONTENT_MIB * MIB)
    for (const moment of moments.sort((a, b) => a - b)) {
      await Promise.race([throttle.whenPassed(moment), fetch.ended])
      provider.running.kill('SIGKILL')
      await provider.running.ended
      provider = await share()
      expect(provider.link).toBe(link)
    }
    const { status, facts } = await fetch.ended
    expect({ status, last: facts.at(-1) }).toMatchObject({ status: 0, last: { type: 'done' } })
    expect(Number(facts.at(-1)?.['bytesFetched'])).toBeLessThan(CONTENT_MIB * MIB + MOST_BESIDES_BYTES)
    expect(differences(await treeOf(join(work, 'out', 'large')), await treeOf(source))).toEqual([])
  },
  MOST_MS,
)
