/** Opens a sealed share from a peer: root, digests, manifest. Nothing in it is trusted before it was checked. */
import type { CID } from 'multiformats/cid'
import { digestsEqual } from '../content/cid.ts'
import { type Entry } from '../content/entry.ts'
import {
  PLAIN_BLOCK_BYTES,
  TAG_BYTES,
  padme,
  plainLength,
  plainOffset,
  wireLength,
  type SealedShape,
} from '../content/sealed/format.ts'
import { commitment, partKeys, type PartKeys } from '../content/sealed/keys.ts'
import { ManifestChecker, decodePage, type ManifestHead } from '../content/sealed/manifest.ts'
import { decodeRoot, pageLength } from '../content/sealed/root.ts'
import { StreamIndex } from '../content/stream-index.ts'
import { ShoalError } from '../errors.ts'
import type { BlockSink } from '../store/block-sink.ts'
import type { Segment } from '../store/block-jobs.ts'
import type { BlockWorkers } from '../store/block-workers.ts'
import { hashesTo } from '../store/held-blocks.ts'
import { bindingOf } from '../store/sealing.ts'
import type { Staging } from '../store/staging.ts'
import type { FetchPlan } from './fetch-plan.ts'

const DIGEST_BYTES = 32

/** What the plan is read through: nodes by CID, blocks by number, each verified against the root. */
export interface PlanReader {
  getNodes: (cids: readonly CID[]) => Promise<Uint8Array[]>
  /** Gets blocks into a sink; resolves when all are there. */
  getBlocks: (sink: BlockSink, blocks: readonly number[]) => Promise<void>
}

/**
 * @throws ShoalError ERR_WRONG_KEY, ERR_CONTENT_INVALID, ERR_LIMIT
 */
export async function openSealed(
  root: CID,
  shareKey: Uint8Array,
  reader: PlanReader,
  workers: BlockWorkers,
): Promise<FetchPlan> {
  const [rootBytes] = await reader.getNodes([root])
  const { shape, commit, pages } = decodeRoot(rootBytes as Uint8Array)
  if (!digestsEqual(commit, commitment(shareKey))) {
    throw new ShoalError('ERR_WRONG_KEY', 'the key in this link does not open this share')
  }
  const digests = await readDigests(shape, pages, reader)
  const keys = partKeys(shareKey)
  const sealed: Sealed = { shape, keys, digests, workers }
  const { head, entries } = await readManifest(sealed, reader)
  const files = entries.filter((entry) => entry.kind === 'file')
  const index = new StreamIndex(files.map((file) => file.size))
  const contentBlocks = Math.ceil(index.length / PLAIN_BLOCK_BYTES)

  return {
    name: head.name,
    kind: head.kind,
    entries,
    bytes: index.length,
    here: new Map(),
    needed: () => range(0, contentBlocks),
    contentBytes: (block) => Math.min(plainLength(shape, block), index.length - plainOffset(shape, block)),
    sinkFor: (staging) => new SealedSink(sealed, index, files, staging),
    verifyPadding: () => verifyPadding(sealed, range(contentBlocks, shape.blocks - shape.manifest)),
  }
}

/** What every step needs of an opened root. */
interface Sealed {
  readonly shape: SealedShape
  readonly keys: PartKeys
  readonly digests: Uint8Array
  readonly workers: BlockWorkers
}

function digestOf(sealed: Sealed, block: number): Uint8Array {
  return sealed.digests.slice(block * DIGEST_BYTES, (block + 1) * DIGEST_BYTES)
}

async function readDigests(
  shape: SealedShape,
  pages: readonly CID[],
  reader: PlanReader,
): Promise<Uint8Array> {
  const digests = new Uint8Array(shape.blocks * DIGEST_BYTES)
  let at = 0
  for (const [i, page] of (await reader.getNodes(pages)).entries()) {
    if (page.byteLength !== pageLength(shape, i)) {
      throw new ShoalError('ERR_CONTENT_INVALID', 'this share is malformed: a list has the wrong length')
    }
    digests.set(page, at)
    at += page.byteLength
  }
  return digests
}

async function readManifest(
  sealed: Sealed,
  reader: PlanReader,
): Promise<{ head: ManifestHead; entries: Entry[] }> {
  const { shape } = sealed
  const first = shape.blocks - shape.manifest
  const sink = new PageSink(sealed)
  const entries: Entry[] = []
  let head: ManifestHead | undefined
  let checker: ManifestChecker | undefined
  let next = first
  // Pages that hold something for certain are asked for together, the others one by one until the list is
  // complete: a key holder never asks for padding.
  let certain = first + Math.ceil(leastContent(shape.plainBytes.manifest) / PLAIN_BLOCK_BYTES)
  while (next < shape.blocks && (head === undefined || entries.length < head.entries)) {
    const until = Math.max(next + 1, Math.min(certain, next + PAGES_AT_ONCE))
    await reader.getBlocks(sink, [...range(next, until)])
    for (; next < until; next++) {
      const page = decodePage(sink.take(next), next === first)
      if (page === undefined) throw malformed()
      head ??= page.head as ManifestHead
      checker ??= new ManifestChecker(head, shape.plainBytes.data)
      if (page.offset !== checker.offset) throw malformed()
      for (const entry of page.entries) {
        checker.accept(entry)
        entries.push(entry)
      }
    }
    certain = Math.max(certain, next)
  }
  if (head === undefined || checker === undefined) throw malformed()
  checker.finish()
  await verifyPadding(sealed, range(next, shape.blocks))
  return { head, entries }
}

/** Pages of the manifest held in memory at once. */
const PAGES_AT_ONCE = 8

/** The fewest bytes that pad to `padded` bytes: what holds more than padding for certain. */
function leastContent(padded: number): number {
  const unit = padme(padded + 1) - padded
  return Math.max(1, padded - unit + 1)
}

/** The bytes where a worker can write as well. */
function inSharedMemory(bytes: Uint8Array): Uint8Array<SharedArrayBuffer> {
  const { buffer } = bytes
  if (buffer instanceof SharedArrayBuffer) return new Uint8Array(buffer, bytes.byteOffset, bytes.byteLength)
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.byteLength))
  shared.set(bytes)
  return shared
}

/** Opens pages of the manifest and keeps them until they are taken. */
class PageSink implements BlockSink {
  readonly #sealed: Sealed
  readonly #pages = new Map<number, Uint8Array>()

  constructor(sealed: Sealed) {
    this.#sealed = sealed
  }

  async holds(): Promise<boolean> {
    return false
  }

  lengthOf(block: number): number {
    return wireLength(this.#sealed.shape, block)
  }

  async accept(block: number, received: Uint8Array): Promise<boolean> {
    const { shape, keys, workers } = this.#sealed
    const bytes = inSharedMemory(received)
    const isVerified = await workers.open({
      bytes,
      expected: digestOf(this.#sealed, block),
      binding: bindingOf(shape, keys, block),
    })
    if (isVerified) this.#pages.set(block, Uint8Array.from(bytes.subarray(0, bytes.byteLength - TAG_BYTES)))
    return isVerified
  }

  take(block: number): Uint8Array {
    const page = this.#pages.get(block) as Uint8Array
    this.#pages.delete(block)
    return page
  }
}

/** Writes data blocks to their final places in the staging folder. */
class SealedSink implements BlockSink {
  readonly #sealed: Sealed
  readonly #index: StreamIndex
  readonly #files: readonly Entry[]
  readonly #staging: Staging

  constructor(sealed: Sealed, index: StreamIndex, files: readonly Entry[], staging: Staging) {
    this.#sealed = sealed
    this.#index = index
    this.#files = files
    this.#staging = staging
  }

  holds(block: number): Promise<boolean> {
    const { shape, keys, workers } = this.#sealed
    return hashesTo(digestOf(this.#sealed, block), workers, {
      segments: this.#segments(block),
      length: plainLength(shape, block),
      binding: bindingOf(shape, keys, block),
    })
  }

  lengthOf(block: number): number {
    return wireLength(this.#sealed.shape, block)
  }

  accept(block: number, bytes: Uint8Array): Promise<boolean> {
    const { shape, keys, workers } = this.#sealed
    return workers.write({
      bytes,
      expected: digestOf(this.#sealed, block),
      binding: bindingOf(shape, keys, block),
      segments: this.#segments(block),
    })
  }

  #segments(block: number): Segment[] {
    const { shape } = this.#sealed
    const pieces = this.#index.pieces(plainOffset(shape, block), plainLength(shape, block))
    return pieces.map(({ file, offset, length }) => ({
      path: this.#staging.pathOf(this.#files[file] as Entry),
      offset,
      length,
    }))
  }
}

/** Seals zeros under the numbers of `blocks` and compares: what is all padding is never asked for. */
async function verifyPadding(sealed: Sealed, blocks: Iterable<number>): Promise<void> {
  const { shape, keys, workers } = sealed
  for (const block of blocks) {
    const result = await workers.read({
      segments: [],
      length: plainLength(shape, block),
      binding: bindingOf(shape, keys, block),
    })
    if (result.outcome !== 'digest' || !digestsEqual(result.digest, digestOf(sealed, block))) {
      throw new ShoalError('ERR_CONTENT_INVALID', 'this share is malformed: it holds more than its files')
    }
  }
}

function* range(from: number, to: number): Generator<number> {
  for (let i = from; i < to; i++) yield i
}

function malformed(): ShoalError {
  return new ShoalError('ERR_CONTENT_INVALID', 'the list of files in this share is malformed')
}
