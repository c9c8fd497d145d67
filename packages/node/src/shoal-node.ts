/** What a program does with a node. */
import type { StatusEvent } from './events.ts'
import type { FetchOptions, FetchResult } from './transfer/fetch-service.ts'
import type { ShareInputOptions } from './transfer/input-service.ts'
import type { KnownShare } from './transfer/known-share.ts'
import type { ListEntry, ListOptions } from './transfer/list-service.ts'
import type { ReadOptions } from './transfer/read-service.ts'
import type { ListSharesOptions, Share, ShareOptions } from './transfer/share-options.ts'
import type { VerifyOptions, VerifyResult } from './transfer/verify-service.ts'

export interface ShoalNode extends AsyncDisposable {
  readonly peerId: string
  /** Where this node can be reached: multiaddrs, each with its peer id. */
  addresses: () => string[]
  status: () => StatusEvent
  /**
   * Shares a file or folder where it lies. Resolves when others can fetch it.
   *
   * @param path of a file or folder
   */
  share: (path: string, options?: ShareOptions) => Promise<Share>
  /**
   * Shares what comes, such as standard input: kept in the home until it is unshared, called `stdin` without a name. The
   * same bytes again are the same share.
   */
  shareInput: (source: AsyncIterable<Uint8Array>, options?: ShareInputOptions) => Promise<Share>
  /** What this home shares or shared, in the order in which it was made. The links hold the keys. */
  shares: (options?: ListSharesOptions) => AsyncIterableIterator<KnownShare>
  /** Ends all shares of a root and forgets them: their link no longer works. Returns what they were. */
  unshare: (root: string) => Promise<KnownShare[]>
  /**
   * Fetches what a link names. Resolves when it stands under its own name, synced. Others who fetch the same are given what
   * is here so far; with `seed` they are afterwards, until `seed.stop()` of the result or the end of `signal`.
   */
  fetch: (link: string, options?: FetchOptions) => Promise<FetchResult>
  /**
   * Lists what a link names, without fetching it: entries in order, while they arrive. Leaving the loop ends it.
   *
   * @example for await (const { path, bytes } of node.list(link, { path: 'photos' })) console.log(bytes, path)
   */
  list: (link: string, options?: ListOptions) => AsyncIterableIterator<ListEntry>
  /**
   * Reads a file of what a link names, without saving it: verified bytes in order, while they arrive, as fast as they
   * are taken. Leaving the loop ends it.
   *
   * @example for await (const bytes of node.read(link, { path: 'talk.txt' })) process.stdout.write(bytes)
   */
  read: (link: string, options?: ReadOptions) => AsyncIterableIterator<Uint8Array>
  /**
   * Compares files on this disk with what a link names, without fetching it. Rejects with ERR_VERIFY_FAILED where they
   * differ, after an event for each.
   */
  verify: (path: string, link: string, options?: VerifyOptions) => Promise<VerifyResult>
  /** Ends all shares, seeds, fetches, listings, reads and the control socket, and gives up the home. */
  stop: () => Promise<void>
}
