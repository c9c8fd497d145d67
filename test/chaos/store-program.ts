/**
 * Shares a folder and fetches it again as a node does, without a network: real store, real threads, real disk. What
 * is acknowledged is a JSON line on stdout, written before anything else happens, so that who kills this process at
 * any moment knows what it had promised.
 *
 * Usage: node store-program.ts SOURCE HOME DIRECTORY sealed|public SEED
 */
import { createHash } from 'node:crypto'
import { writeSync } from 'node:fs'
import { parseLink } from '../../packages/node/src/content/link.ts'
import { ERRORS, isShoalError } from '../../packages/node/src/errors.ts'
import type { ShareEvent, WarningEvent } from '../../packages/node/src/events.ts'
import { loadIdentity } from '../../packages/node/src/identity/identity.ts'
import { memoryChannels } from '../../packages/node/src/network/memory-channel.ts'
import { BlockWorkers } from '../../packages/node/src/store/block-workers.ts'
import type { ContentSource } from '../../packages/node/src/store/content-source.ts'
import { systemDisk } from '../../packages/node/src/store/disk.ts'
import { homePaths } from '../../packages/node/src/store/home.ts'
import { workerThread } from '../../packages/node/src/store/share-index.ts'
import { ShareStore } from '../../packages/node/src/store/share-store.ts'
import { Download } from '../../packages/node/src/transfer/download.ts'
import { TRANSFER_LIMITS } from '../../packages/node/src/transfer/limits.ts'
import { ShareRegistry } from '../../packages/node/src/transfer/serving/share-registry.ts'
import { ShareService } from '../../packages/node/src/transfer/share-service.ts'
import { RateLimits } from '../../packages/node/src/transfer/rates/rate-limits.ts'
import { DEFAULT_WAIT_MS } from '../../packages/node/src/transfer/swarm/search-options.ts'
import { UploadService } from '../../packages/node/src/transfer/serving/upload-service.ts'
import { delay, type Random } from '../../packages/node/src/util/seams.ts'
import { systemSeams } from '../../packages/node/src/util/system.ts'
import { leadTo } from '../../packages/node/test/helpers/leads.ts'

const STDOUT = 1
const KEEP_ALIVE_MS = 1_000
/** What the provider gives, so that a fetch lasts for several rounds by which it makes blocks durable. */
const BYTES_PER_MS = 6_000
const waiting = new Int32Array(new SharedArrayBuffer(4))

function acknowledge(fact: Readonly<Record<string, unknown>>): void {
  const line = Buffer.from(`${JSON.stringify(fact)}\n`)
  for (let written = 0; written < line.byteLength;) {
    try {
      written += writeSync(STDOUT, line, written)
    } catch (error) {
      // The reader is slow: who goes on before the line is out has acknowledged nothing.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(waiting, 0, 0, 1)
    }
  }
}

/** The same paths in every run of a seed: a path is how a fault finds its call. */
function seededRandom(seed: string): Random {
  let calls = 0
  return {
    bytes: (length) =>
      new Uint8Array(createHash('shake256', { outputLength: length }).update(`${seed} ${calls++}`).digest()),
  }
}

/** Gives one block after the other, at the rate of a network. */
class SlowRegistry extends ShareRegistry {
  #turn = Promise.resolve()

  override find(digest: Uint8Array): ContentSource | undefined {
    const content = super.find(digest)
    if (content === undefined) return undefined
    return {
      root: content.root,
      total: content.total,
      readNode: (cid) => content.readNode(cid),
      readBlock: async (block) => {
        const answer = await content.readBlock(block)
        const bytes = answer.outcome === 'bytes' ? answer.bytes.byteLength : 0
        this.#turn = this.#turn.then(() => delay(systemSeams.timers, bytes / BYTES_PER_MS))
        await this.#turn
        return answer
      },
    }
  }
}

const [source = '', home = '', directory = '', format, seed = ''] = process.argv.slice(2)
const seams = { ...systemSeams, random: seededRandom(seed) }
const limits = TRANSFER_LIMITS
const registry = new SlowRegistry()
const uploads = new UploadService({ registry, seams, limits })
// One thread: the order of its calls is the same in every run.
const workers = new BlockWorkers({ threads: 1 })

const notices: WarningEvent[] = []
const store = new ShareStore({
  paths: homePaths(home, {}),
  disk: systemDisk,
  seams,
  thread: workerThread(),
  onWarning: (warning) => void notices.push({ type: 'warning', ...warning }),
})
// Threads at work do not keep a process alive; in a node its sockets do.
const keepAlive = setInterval(() => {}, KEEP_ALIVE_MS)

try {
  const { peerId } = await loadIdentity(home)
  await store.open()
  await store.stagings.clear(workers)
  const shares = new ShareService({
    registry,
    uploads,
    store,
    rates: new RateLimits(seams),
    notices,
    workers,
    disk: systemDisk,
    seams,
    network: 'private',
    peerId,
    addresses: () => [],
    hasNetwork: () => true,
    onChange: () => {},
    onServing: () => {},
  })
  const onEvent = (event: ShareEvent): void => {
    if (event.type === 'warning') acknowledge({ ...event })
  }
  const { link } = await shares.share(source, { public: format === 'public', onEvent })
  acknowledge({ type: 'shared', link })

  const download = new Download({
    link: parseLink(link),
    directory,
    only: [],
    overwrite: false,
    disk: systemDisk,
    stagings: store.stagings,
    workers,
    seams,
    limits,
    platform: 'posix',
    sources: leadTo(() => {
      const [ours, theirs] = memoryChannels(new Uint8Array([1]), 'provider')
      uploads.accept(theirs)
      return Promise.resolve(ours)
    }),
    waitMs: DEFAULT_WAIT_MS,
    signal: new AbortController().signal,
    onEvent: (event) => {
      if (event.type === 'progress') acknowledge({ type: 'progress', bytes: event.bytes })
    },
  })
  acknowledge({ type: 'done', ...(await download.run()) })
} catch (error) {
  if (!isShoalError(error)) throw error
  acknowledge({ type: 'error', ...error.toJSON() })
  process.exitCode = ERRORS[error.code].exit
} finally {
  clearInterval(keepAlive)
  await uploads.stop()
  await workers.close()
  await store.close()
}
