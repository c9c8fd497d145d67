/**
 * A fetch is killed again and again, and in the end nothing verified was fetched twice. Verified blocks are counted
 * where they lie, by comparing what the dead process left with the source; which blocks the provider sent to whom is
 * counted at the provider. Needs `tsc -b`.
 */
import { closeSync, existsSync, openSync, readSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { encodeLink } from '../../packages/node/src/content/link.ts'
import { startLoneHost } from '../../packages/node/test/helpers/host.ts'
import { loadIdentity } from '../../packages/node/src/identity/identity.ts'
import { encodeAddress } from '../../packages/node/src/network/multiaddrs.ts'
import { BlockWorkers } from '../../packages/node/src/store/block-workers.ts'
import type { ContentSource } from '../../packages/node/src/store/content-source.ts'
import { systemDisk } from '../../packages/node/src/store/disk.ts'
import { sourceOf } from '../../packages/node/src/store/share-plan.ts'
import { makeShare } from '../../packages/node/src/store/share-maker.ts'
import { TRANSFER_LIMITS } from '../../packages/node/src/transfer/limits.ts'
import { ShareRegistry } from '../../packages/node/src/transfer/serving/share-registry.ts'
import { UploadService } from '../../packages/node/src/transfer/serving/upload-service.ts'
import { systemSeams } from '../../packages/node/src/util/system.ts'
import { seededFloats } from '../../packages/node/test/helpers/simulation.ts'
import { shoal } from './command.ts'
import { runSeed } from './points.ts'
import { writeLarge } from './source-tree.ts'
import { start } from './strace.ts'
import { startThrottle } from './throttle.ts'
import { namesIn } from './trees.ts'
import { withWorkFolder } from './work-folder.ts'

/** SHOAL_KILLS=30 SHOAL_KILL_MIB=512 for the figures. */
const KILLS = Number(process.env['SHOAL_KILLS'] ?? 6)
const CONTENT_MIB = Number(process.env['SHOAL_KILL_MIB'] ?? 96)
const MIB = 1_048_576
const BYTES_PER_SECOND = 20 * MIB
/** Plaintext of a sealed block. */
const BLOCK_BYTES = 1_048_560
/** The list of files, which each run reads anew and keeps in memory only. */
const PLAN_BYTES = 4_112
/** What is asked for at once of one provider and not yet verified. */
const MOST_LOST_BYTES = TRANSFER_LIMITS.windowBytes + PLAN_BYTES
const MOST_MS = 900_000
const SEED = runSeed()

let work: string
let source: string

withWorkFolder(async (made) => {
  work = made
  source = join(work, 'large')
  await writeLarge(source, CONTENT_MIB)
})

interface Provider {
  readonly port: number
  /** A link that names only an address with this port. */
  readonly linkAt: (port: number) => string
  /** Blocks that were read to be sent, since this was last asked. */
  readonly takeRead: () => number[]
  /** Block payload bytes handed to the network. */
  readonly sent: () => number
}

async function startProvider(): Promise<Provider> {
  const workers = new BlockWorkers({ threads: 1 })
  const seams = systemSeams
  const registry = new ShareRegistry()
  const uploads = new UploadService({ registry, seams, limits: TRANSFER_LIMITS })
  const { privateKey } = await loadIdentity(join(work, 'provider'))
  const host = await startLoneHost({
    privateKey,
    onChannel: (channel) => uploads.accept(channel),
  })
  onTestFinished(async () => {
    await uploads.stop()
    await host.stop()
    await workers.close()
  })
  const { plan, root, key, name } = await makeShare({
    paths: [source],
    disk: systemDisk,
    random: seams.random,
    workers,
  })
  const content = sourceOf(plan, workers)
  let read: number[] = []
  const watched: ContentSource = {
    root,
    total: content.total,
    readBlock: (block) => {
      read.push(block)
      return content.readBlock(block)
    },
    readNode: (cid) => content.readNode(cid),
  }
  registry.add(watched)
  const { peerId } = host
  return {
    port: Number(/\/tcp\/(\d+)/.exec(host.addresses()[0] ?? '')?.[1]),
    linkAt: (port) =>
      encodeLink({
        root,
        ...(key === undefined ? {} : { key }),
        hints: { name, peerId, addresses: [encodeAddress(`/ip4/127.0.0.1/tcp/${port}`)] },
      }),
    takeRead: () => {
      const taken = read
      read = []
      return taken
    },
    sent: () => uploads.served(root.toString()).bytes,
  }
}

/** Numbers of the content's blocks that lie whole in what a dead fetch left. */
async function verifiedBlocks(directory: string): Promise<Set<number>> {
  const verified = new Set<number>()
  const [left] = await namesIn(directory)
  if (left === undefined || !existsSync(join(directory, left, 'content'))) return verified
  const fds = [openSync(source, 'r'), openSync(join(directory, left, 'content'), 'r')] as const
  const [wanted, found] = [Buffer.alloc(BLOCK_BYTES), Buffer.alloc(BLOCK_BYTES)]
  for (let block = 0; block * BLOCK_BYTES < CONTENT_MIB * MIB; block++) {
    const read = fds.map((fd, i) =>
      readSync(fd, [wanted, found][i] as Buffer, 0, BLOCK_BYTES, block * BLOCK_BYTES),
    )
    if (read[0] === read[1] && wanted.subarray(0, read[0]).equals(found.subarray(0, read[1])))
      verified.add(block)
  }
  for (const fd of fds) closeSync(fd)
  return verified
}

/** Bytes to let through before each kill: anywhere in what a fetch moves, in no order. */
function killPoints(): number[] {
  const float = seededFloats(SEED)
  const cuts = Array.from({ length: KILLS }, () => float() * 0.95 * CONTENT_MIB * MIB).sort((a, b) => a - b)
  return cuts.map((cut, i) => cut - (cuts[i - 1] ?? 0))
}

test(
  `a fetch that is killed ${KILLS} times gets nothing verified twice (seed ${SEED})`,
  async () => {
    const provider = await startProvider()
    const throttle = await startThrottle(provider.port, BYTES_PER_SECOND)
    onTestFinished(() => throttle.close())
    const directory = join(work, 'out')
    const program = shoal(join(work, 'fetch'), ['fetch', '-', '-o', directory], {
      SHOAL_LINK: provider.linkAt(throttle.port),
    })
    let verified = new Set<number>()
    const twice: number[] = []
    const lost: { sent: number; passed: number }[] = []
    let landed = 0
    for (const bytes of killPoints()) {
      const before = { sent: provider.sent(), passed: throttle.passed() }
      // It knows where the provider listens, and the provider dials again where it listened: either goes past the throttle.
      for (const known of ['peers.json', 'port']) rmSync(join(work, 'fetch', 'home', known), { force: true })
      const running = start(program)
      await Promise.race([throttle.whenPassed(before.passed + bytes), running.ended])
      running.kill('SIGKILL')
      const { status } = await running.ended
      if (status === null) landed++
      const now = await verifiedBlocks(directory)
      const gained = (now.size - verified.size) * MIB
      lost.push({
        sent: provider.sent() - before.sent - gained,
        passed: throttle.passed() - before.passed - gained,
      })
      twice.push(...provider.takeRead().filter((block) => verified.has(block)))
      verified = now
    }
    const done = (await start(program).ended).facts.at(-1)
    twice.push(...provider.takeRead().filter((block) => verified.has(block)))
    const most = (key: 'sent' | 'passed'): number => Math.max(...lost.map((each) => each[key])) / MIB
    console.log(
      `killed ${landed} times: ${twice.length} verified blocks asked again; lost per kill at most ` +
        `${most('sent').toFixed(1)} MiB of what the provider sent, ${most('passed').toFixed(1)} MiB of what arrived`,
    )
    expect(done).toMatchObject({ type: 'done', bytes: CONTENT_MIB * MIB })
    expect(landed).toBe(KILLS)
    expect(twice).toEqual([])
    expect(most('sent') * MIB).toBeLessThanOrEqual(MOST_LOST_BYTES)
  },
  MOST_MS,
)
