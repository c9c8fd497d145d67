/**
 * Fetches hostile shares, one after the other, and prints a JSON line for each: what came of it, how long it took and
 * what it cost. A process of its own, so that memory can be measured. `run-hostile.ts FROM TO SEED`
 */
import { createHash } from 'node:crypto'
import { isShoalError } from '../../../src/errors.ts'
import { memoryChannels } from '../../../src/network/memory-channel.ts'
import { BlockWorkers } from '../../../src/store/block-workers.ts'
import { systemDisk } from '../../../src/store/disk.ts'
import { Download } from '../../../src/transfer/download.ts'
import { TRANSFER_LIMITS } from '../../../src/transfer/limits.ts'
import { ShareRegistry } from '../../../src/transfer/serving/share-registry.ts'
import { UploadService } from '../../../src/transfer/serving/upload-service.ts'
import { systemSeams } from '../../../src/util/system.ts'
import { Forge } from '../../helpers/forge.ts'
import { Mutator } from '../../helpers/mutate.ts'
import { cidOf, RAW, sha256 } from '../../../src/content/cid.ts'
import { hostileShare } from './all.ts'
import { Canary } from './canary.ts'
import { honestList, sealedShare } from './sealed-lists.ts'
import { publicShare, type HostileShare } from './share.ts'
import { NOT_RECORDED } from '../../helpers/no-stagings.ts'
import { leadTo } from '../../helpers/leads.ts'

/** Above this it may have been another process: the least of several tries counts. */
const SUSPICIOUS_MS = 60
const TRIES = 5
/** So that a fault of the connection shows soon, as ERR_NO_PROVIDER. */
const WAIT_MS = 1_000
/** Shares between two full collections: one for each would take most of the time. */
const COLLECT_EVERY = 10
const PEER = Buffer.from('a peer')

/** What one line says. */
export interface Outcome {
  readonly number: number
  readonly family: string
  /** `accepted`, or the code of the error, or what else was thrown. */
  readonly code: string
  /** From the first answer of the provider on, milliseconds of the clock or of the processor, whichever is less. */
  readonly ms: number
  /**
   * Bytes: by how much the highest use of memory so far lies above the use before, or the heap and what it holds
   * outside grew, whichever is more.
   */
  readonly memory: number
  /** Names left in the folder for downloads. */
  readonly left: readonly string[]
  readonly isUntouched: boolean
  /** Of everything that the publisher offers. */
  readonly digest: string
}

const workers = new BlockWorkers({ threads: 2 })
const canary = new Canary()

/** Resolves to the milliseconds since the provider answered, and what came of it. */
async function fetchShare({ link, nodes, blocks }: HostileShare): Promise<{ ms: number; code: string }> {
  const registry = new ShareRegistry()
  registry.add({
    root: link.root,
    total: blocks.length,
    readBlock: async (i) =>
      blocks[i] === undefined
        ? { outcome: 'missing' }
        : { outcome: 'bytes', bytes: Uint8Array.from(blocks[i]) },
    readNode: async (cid) => {
      const bytes = nodes.get(cid.toString())
      return bytes === undefined ? { outcome: 'missing' } : { outcome: 'bytes', bytes }
    },
  })
  const uploads = new UploadService({ registry, seams: systemSeams, limits: TRANSFER_LIMITS })
  let answered = performance.now()
  let worked = process.cpuUsage()
  const download = new Download({
    link,
    directory: canary.downloads,
    only: [],
    // The user trusts the publisher even this far.
    overwrite: true,
    disk: systemDisk,
    stagings: NOT_RECORDED,
    workers,
    seams: systemSeams,
    limits: TRANSFER_LIMITS,
    platform: 'posix',
    sources: leadTo(async () => {
      const [ours, theirs] = memoryChannels(PEER, 'a peer')
      uploads.accept(theirs)
      return ours
    }),
    waitMs: WAIT_MS,
    signal: new AbortController().signal,
    onEvent: (event) => {
      if (event.type !== 'connected') return
      answered = performance.now()
      worked = process.cpuUsage()
    },
  })
  const code = await download.run().then(
    () => 'accepted',
    (error: unknown) => (isShoalError(error) ? error.code : String(error)),
  )
  const { user, system } = process.cpuUsage(worked)
  // Where other processes share the cores, the time that this one had; its clock counts all threads in coarse steps.
  const ms = Math.min(performance.now() - answered, (user + system) / 1_000)
  await uploads.stop()
  return { ms, code }
}

function digestOf({ link, nodes, blocks }: HostileShare): string {
  const hash = createHash('sha256')
    .update(link.root.bytes)
    .update(link.key ?? '')
  for (const [cid, bytes] of nodes) hash.update(cid).update(bytes)
  for (const block of blocks) hash.update(block)
  return hash.digest('base64url')
}

function honest(): HostileShare[] {
  const forge = new Forge()
  const bytes = Buffer.from('honest')
  const root = forge.folder([['file', cidOf(RAW, sha256(bytes)), bytes.byteLength]])
  const random = new Mutator(1)
  return [publicShare(forge, root, [bytes]), sealedShare(random, honestList(random))]
}

/** Thousands of blocks of one fetch end in memory that the next uses again: measured from there on. */
async function warmUp(): Promise<void> {
  for (const share of [...honest(), ...honest()]) {
    const { code } = await fetchShare(share)
    if (code !== 'accepted') throw new Error(`an honest share was refused: ${code}`)
    if (canary.clear().length !== 1) throw new Error('an honest share left nothing')
  }
}

// Threads alone do not keep a process alive.
const alive = setInterval(() => {}, 60_000)
const [from, to, seed] = process.argv.slice(2).map(Number) as [number, number, number]
await warmUp()
for (let number = from; number < to; number++) {
  const { family, share } = hostileShare(number, seed, canary.outside)
  if ((number - from) % COLLECT_EVERY === 0) globalThis.gc?.()
  const before = process.memoryUsage()
  const first = await fetchShare(share)
  const after = process.memoryUsage()
  const memory = Math.max(
    process.resourceUsage().maxRSS * 1_024 - before.rss,
    after.heapUsed + after.external - before.heapUsed - before.external,
  )
  const left = canary.clear()
  let { ms } = first
  for (let tries = 1; ms > SUSPICIOUS_MS && tries < TRIES; tries++) {
    ms = Math.min(ms, (await fetchShare(share)).ms)
    canary.clear()
  }
  const { isUntouched } = canary
  const outcome: Outcome = {
    number,
    family: family.name,
    code: first.code,
    ms,
    memory,
    left,
    isUntouched,
    digest: digestOf(share),
  }
  console.log(JSON.stringify(outcome))
}
canary.remove()
await workers.close()
clearInterval(alive)
