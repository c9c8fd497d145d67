/** What a fetch of a sealed share has in memory: the root block, all digests, and the list of files as it was sealed. */
import type { CID } from 'multiformats/cid'
import { digestsEqual } from '../../content/cid.ts'
import {
  DIGESTS_PER_PAGE,
  PLAIN_BLOCK_BYTES,
  isPadding,
  partOf,
  plainLength,
  type SealedShape,
} from '../../content/sealed/format.ts'
import { DIGEST_BYTES } from '../../content/cid.ts'
import { isShoalError } from '../../errors.ts'
import type { BlockAnswer } from '../../store/content-source.ts'
import type { KnownContent } from '../../store/known-content.ts'
import { bindingOf, restoreSealed, sealManifestBlock } from '../../store/sealing.ts'
import type { SharePlan } from '../../store/share-plan.ts'
import type { WalkedEntry } from '../../store/walk-facts.ts'
import { digestOf, firstManifestBlock, type Sealed } from './sealed-root.ts'

const LENGTH_BYTES = 4

/** Keeps the pages of the list of files while they come, in order, without the padding of the last. */
export class ManifestKeeper {
  readonly #first: number
  readonly #pages: Uint8Array[] = []

  constructor(shape: SealedShape) {
    this.#first = firstManifestBlock(shape)
  }

  keep(block: number, plain: Uint8Array): void {
    const length = LENGTH_BYTES + new DataView(plain.buffer, plain.byteOffset).getUint32(0)
    // A copy: what was received is a whole block, however little of it is not padding.
    this.#pages[block - this.#first] = plain.slice(0, length)
  }

  /** The list as one run of bytes, unpadded at its end. */
  joined(): Uint8Array {
    const last = this.#pages.at(-1)
    if (last === undefined) return new Uint8Array()
    const joined = new Uint8Array((this.#pages.length - 1) * PLAIN_BLOCK_BYTES + last.byteLength)
    this.#pages.forEach((page, i) => joined.set(page, i * PLAIN_BLOCK_BYTES))
    this.#pages.length = 0
    return joined
  }
}

export interface KnownSealedInit {
  readonly root: CID
  readonly shareKey: Uint8Array
  readonly sealed: Sealed
  /** Blocks from 0 to this, exclusive, hold bytes of files. */
  readonly contentBlocks: number
  /** Unpadded at its end. */
  readonly manifest: Uint8Array
}

export function knownSealed({
  root,
  shareKey,
  sealed,
  contentBlocks,
  manifest,
}: KnownSealedInit): KnownContent {
  const { shape, keys, digests, pages, rootBytes } = sealed
  return {
    root,
    key: shareKey,
    preserve: false,
    total: shape.blocks,
    isPadding: (block) => {
      const data = contentBlocks * PLAIN_BLOCK_BYTES
      return isPadding(shape, { data, manifest: manifest.byteLength }, block)
    },
    nodeOf: (cid) => {
      if (cid.equals(root)) return rootBytes
      const at = pages.findIndex((page) => digestsEqual(page.multihash.digest, cid.multihash.digest))
      const pageBytes = DIGESTS_PER_PAGE * DIGEST_BYTES
      return at < 0 ? undefined : digests.subarray(at * pageBytes, (at + 1) * pageBytes)
    },
    numberOf: () => undefined,
    isInMemory: (block) => block >= contentBlocks,
    make: async (block) => {
      const expected = digestOf(sealed, block)
      if (partOf(shape, block) === 'manifest') return sealedPage(sealed, manifest, block, expected)
      const length = plainLength(shape, block)
      const job = { segments: [], length, binding: bindingOf(shape, keys, block), expected }
      const result = await sealed.workers.read(job)
      return result.outcome === 'bytes' ? result : { outcome: 'missing' }
    },
    planOf: (entries) => planOf(root, { shareKey, digests, manifest, entries }),
  }
}

/** A page, or padding after the last. */
function sealedPage(
  { shape, keys }: Sealed,
  manifest: Uint8Array,
  block: number,
  expected: Uint8Array,
): BlockAnswer {
  const { bytes, digest } = sealManifestBlock(shape, keys, manifest, block)
  // A second plaintext under a (key, nonce) never leaves, whatever brought it about.
  return digestsEqual(digest, expected) ? { outcome: 'bytes', bytes } : { outcome: 'missing' }
}

function planOf(
  root: CID,
  parts: {
    readonly shareKey: Uint8Array
    readonly digests: Uint8Array
    readonly manifest: Uint8Array
    readonly entries: readonly WalkedEntry[]
  },
): SharePlan | undefined {
  try {
    const plan = restoreSealed(parts)
    return plan.root.cid.equals(root) ? { form: 'sealed', ...plan } : undefined
  } catch (error) {
    if (isShoalError(error, 'ERR_HOME_INVALID')) return undefined
    throw error
  }
}
