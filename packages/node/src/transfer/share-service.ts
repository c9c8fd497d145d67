/** Shares: makes one of a path, serves it, and says what becomes of it. */
import { encodeLink } from '../content/link.ts'
import type { ReadyEvent, ShareEvent } from '../events.ts'
import { addressesForLink } from '../network/address-rules.ts'
import { MAX_LINK_ADDRESSES } from '../network/limits.ts'
import { encodeAddress } from '../network/multiaddrs.ts'
import type { NetworkPreset } from '../options.ts'
import type { BlockWorkers } from '../store/block-workers.ts'
import type { Disk } from '../store/disk.ts'
import { makeShare, type MadeShare } from '../store/share-maker.ts'
import { Paced } from '../util/rate.ts'
import type { Seams } from '../util/seams.ts'
import type { ShareRegistry } from './share-registry.ts'
import type { UploadService } from './upload-service.ts'

/** Between two `hashing` events, in milliseconds. */
const HASHING_INTERVAL_MS = 250
/** Between two `served` events, in milliseconds. */
const SERVED_INTERVAL_MS = 1_000

export interface ShareOptions {
  /** What the share is called. @defaultValue the last part of the path */
  name?: string
  /** Plain UnixFS that anyone who knows the root can read, instead of sealed. @defaultValue false */
  public?: boolean
  /** Public only: keep times and executable bits; this changes the root. @defaultValue false */
  preserve?: boolean
  /** Leave out what cannot be read instead of failing. @defaultValue false */
  skipUnreadable?: boolean
  /**
   * Patterns of what to leave out of a folder, relative to it (docs/patterns.md): at most 1,000, of at most 1,024
   * characters each and 65,536 together. A folder that matches is not entered. `.shoalignore` files hold besides.
   * @defaultValue []
   */
  exclude?: readonly string[]
  /** Told of everything that happens, from hashing on until the share is stopped. */
  onEvent?: (event: ShareEvent) => void
  /** Stops the hashing; once `share` has resolved, it stops the share. */
  signal?: AbortSignal
}

export interface Share {
  /** What a person passes on. */
  readonly link: string
  readonly root: string
  readonly name: string
  readonly kind: 'file' | 'folder'
  /** Sum of file sizes. */
  readonly bytes: number
  readonly files: number
  readonly sealed: boolean
  /** Ends serving. Who has blocks already keeps them. */
  stop: () => Promise<void>
}

export interface ShareServiceInit {
  readonly registry: ShareRegistry
  readonly uploads: UploadService
  readonly workers: BlockWorkers
  readonly disk: Disk
  readonly seams: Seams
  readonly network: NetworkPreset
  readonly peerId: string
  readonly addresses: () => string[]
}

export class ShareService {
  readonly #init: ShareServiceInit

  constructor(init: ShareServiceInit) {
    this.#init = init
  }

  /** @throws ShoalError as `makeShare` */
  async share(path: string, options: ShareOptions = {}): Promise<Share> {
    const { disk, seams, workers, registry, uploads } = this.#init
    const { onEvent, signal } = options
    const hashing = new Paced<[number, number]>(seams, HASHING_INTERVAL_MS, ([bytes, total]) => {
      onEvent?.({ type: 'hashing', bytes, total })
    })
    let made: MadeShare
    try {
      made = await makeShare({
        path,
        disk,
        workers,
        random: seams.random,
        ...(options.name === undefined ? {} : { name: options.name }),
        isPublic: options.public ?? false,
        preserve: options.preserve ?? false,
        skipUnreadable: options.skipUnreadable ?? false,
        exclude: options.exclude ?? [],
        onWarning: (warning) => onEvent?.({ type: 'warning', ...warning }),
        onProgress: (bytes, total) => hashing.tell([bytes, total]),
        ...(signal === undefined ? {} : { signal }),
      })
    } finally {
      hashing.cancel()
    }
    signal?.throwIfAborted()
    registry.add(made.source)
    const ready = this.#describe(made)
    onEvent?.(ready)

    const startBytes = uploads.served(ready.root).bytes
    const served = new Paced<[number, number]>(seams, SERVED_INTERVAL_MS, ([bytes, peers]) => {
      onEvent?.({ type: 'served', root: ready.root, bytes, peers })
    })
    const stopListening = uploads.onServed((root, facts) => {
      if (root === ready.root) served.tell([facts.bytes - startBytes, facts.peers])
    })
    let stopped: Promise<void> | undefined
    const stop = async (): Promise<void> => {
      if (registry.remove(made.source)) await uploads.stop(ready.root)
      served.flush()
      stopListening()
    }
    const stopOnce = (): Promise<void> => (stopped ??= stop())
    signal?.addEventListener('abort', () => void stopOnce(), { once: true })
    const { link, root, name, kind, bytes, files, sealed } = ready
    return { link, root, name, kind, bytes, files, sealed, stop: stopOnce }
  }

  #describe(made: MadeShare): ReadyEvent {
    const { network, peerId } = this.#init
    const addresses = this.#init.addresses()
    const best = addressesForLink(network, addresses).slice(0, MAX_LINK_ADDRESSES)
    const link = encodeLink({
      root: made.root,
      ...(made.key === undefined ? {} : { key: made.key }),
      hints: {
        name: made.name,
        size: made.bytes,
        peerId,
        addresses: best.map((address) => encodeAddress(address.replace(`/p2p/${peerId}`, ''))),
      },
    })
    return {
      type: 'ready',
      link,
      root: made.root.toString(),
      name: made.name,
      kind: made.kind,
      bytes: made.bytes,
      files: made.files,
      sealed: made.key !== undefined,
      addresses,
    }
  }
}
