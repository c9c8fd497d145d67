/**
 * Puts blocks back into the files of a share that they were lost from: the only place where a file of the user is written after
 * it was shared. Nobody but the disk may have changed it, so each file must have the very facts under which it was shared; a
 * block is verified first; and what is written is what was there.
 */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { digestsEqual, sha256 } from '../content/cid.ts'
import { TAG_BYTES } from '../content/sealed/format.ts'
import { ShoalError, diskError } from '../errors.ts'
import { escapeForDisplay } from '../util/display.ts'
import { NO_FOLLOW } from './anchor.ts'
import type { BlockSink } from './block-sink.ts'
import type { BlockWorkers } from './block-workers.ts'
import { factsOf, sameVersion, type FileFacts } from './disk.ts'
import { SharedFolders, type Segment } from './segment-reader.ts'
import { dataBlock, type SharePlan } from './share-plan.ts'
import type { WalkedEntry } from './walk-facts.ts'

const NS_PER_SECOND = 1_000_000_000

export interface RepairSinkInit {
  readonly plan: SharePlan
  readonly entries: readonly WalkedEntry[]
  readonly workers: BlockWorkers
}

export class RepairSink implements BlockSink {
  readonly #init: RepairSinkInit
  /** Of each file, by its path: the facts that it has to have. */
  readonly #facts: Map<string, FileFacts>
  /** When each was changed last, as it was shared: put back it is some 240 ns off, which must not add up. */
  readonly #mtimesNs: ReadonlyMap<string, bigint>
  readonly #repaired = new Set<number>()
  /** Paths of the files that something was put back into. */
  readonly #written = new Set<string>()
  /** Blocks are put back one after the other: two of one file would each find that the other changed it. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(init: RepairSinkInit) {
    this.#init = init
    this.#facts = new Map(init.entries.map(({ source, facts }) => [source, facts]))
    this.#mtimesNs = new Map(init.entries.map(({ source, facts }) => [source, facts.mtimeNs]))
  }

  /** Blocks that are on the disk again. */
  get repaired(): ReadonlySet<number> {
    return this.#repaired
  }

  /** The entries under the facts that their files have now. */
  get entries(): WalkedEntry[] {
    return this.#init.entries.map((entry) => ({
      ...entry,
      facts: this.#facts.get(entry.source) ?? entry.facts,
    }))
  }

  /** Resolves when what was put back is on the disk. @throws ShoalError ERR_DISK, ERR_PERMISSION */
  async sync(): Promise<void> {
    for (const path of this.#written) {
      try {
        const handle = await open(path, constants.O_RDWR | NO_FOLLOW)
        try {
          await handle.sync()
        } finally {
          await handle.close()
        }
      } catch (error) {
        throw diskError(error, `repairing ${escapeForDisplay(path)}`)
      }
    }
  }

  lengthOf(block: number): number {
    const { job } = dataBlock(this.#init.plan, block)
    return job.length + (job.binding === undefined ? 0 : TAG_BYTES)
  }

  sizeOf(block: number): number {
    return this.lengthOf(block)
  }

  /**
   * As of a sink.
   *
   * @throws ShoalError ERR_SOURCE_CHANGED when somebody changed a file, which is left as it is; ERR_PERMISSION, ERR_DISK_FULL,
   *   ERR_DISK
   */
  async accept(block: number, bytes: Uint8Array): Promise<boolean> {
    const { job, digest } = dataBlock(this.#init.plan, block)
    const plain = await this.#open(job.binding, bytes, digest)
    if (plain === undefined) return false
    const writing = this.#last.then(() => this.#putBack(job.segments, plain))
    this.#last = writing.catch(() => {})
    await writing
    this.#repaired.add(block)
    return true
  }

  async #open(
    binding: ReturnType<typeof dataBlock>['job']['binding'],
    received: Uint8Array,
    expected: Uint8Array,
  ): Promise<Uint8Array | undefined> {
    if (binding === undefined) return digestsEqual(sha256(received), expected) ? received : undefined
    const bytes = new Uint8Array(new SharedArrayBuffer(received.byteLength))
    bytes.set(received)
    const isVerified = await this.#init.workers.open({ bytes, expected, binding })
    return isVerified ? bytes.slice(0, bytes.byteLength - TAG_BYTES) : undefined
  }

  async #putBack(segments: readonly Segment[], plain: Uint8Array): Promise<void> {
    using folders = new SharedFolders()
    let from = 0
    for (const segment of segments) {
      await this.#write(segment, folders.at(segment), plain.subarray(from, from + segment.length))
      from += segment.length
    }
  }

  async #write({ path, offset }: Segment, at: string, bytes: Uint8Array): Promise<void> {
    const shown = escapeForDisplay(path)
    try {
      // It is there, and what was put in its place is not followed.
      const handle = await open(at, constants.O_RDWR | NO_FOLLOW | (constants.O_NONBLOCK ?? 0))
      try {
        const expected = this.#facts.get(path)
        const before = await handle.stat({ bigint: true })
        if (expected === undefined || !sameVersion(factsOf(before), expected)) throw changed(shown)
        await handle.write(bytes, 0, bytes.byteLength, offset)
        // It is the version that it was: programs that go by times need not look at it again.
        const mtimeNs = this.#mtimesNs.get(path) ?? expected.mtimeNs
        await handle.utimes(Number(before.atimeNs) / NS_PER_SECOND, Number(mtimeNs) / NS_PER_SECOND)
        this.#facts.set(path, factsOf(await handle.stat({ bigint: true })))
        this.#written.add(path)
      } finally {
        await handle.close()
      }
    } catch (error) {
      throw diskError(error, `repairing ${shown}`)
    }
  }
}

function changed(shown: string): ShoalError {
  return new ShoalError('ERR_SOURCE_CHANGED', `${shown} was changed while it was repaired`)
}
