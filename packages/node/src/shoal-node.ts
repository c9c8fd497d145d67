/** What a program does with a node. */
import type { DoctorOptions } from './control/doctor/doctor.ts'
import type { Finding } from './control/doctor/finding.ts'
import type { PeerEvent, SourcesEvent, StatusEvent } from './events.ts'
import type { Spaces } from './shoal-spaces.ts'
import type { FetchOptions, FetchResult } from './transfer/fetch-service.ts'
import type { ShareInputOptions } from './transfer/input-service.ts'
import type { KnownShare, ListSharesOptions, UnshareOptions } from './transfer/known-share.ts'
import type { ContentStat, ListEntry, ListOptions, StatOptions } from './transfer/list-service.ts'
import type { StorageStatus } from './store/quota/parts.ts'
import type { ReadOptions } from './transfer/read-service.ts'
import type { Limits } from './transfer/rates/rate-limits.ts'
import type { ServeOptions, Share, ShareOptions } from './transfer/share-options.ts'
import type { ScrubOptions, ScrubResult } from './transfer/scrub-service.ts'
import type { VerifyOptions, VerifyResult } from './transfer/verify-service.ts'

/**
 * A node that runs: one home, one identity, one place in the network. Every operation ends with the node, and rejects with
 * ERR_NODE_STOPPED when it does; with the reason of its `signal` when that aborts; with what its `onEvent` or `onFile` threw, if
 * one does; with ERR_OPTIONS_INVALID for an option that is unknown or of the wrong kind.
 */
export interface ShoalNode extends AsyncDisposable {
  /** Under which id others know this node. */
  readonly peerId: string
  /** Where this node can be reached: multiaddrs, each with its peer id. */
  addresses: () => string[]
  /** What this node is and knows at this moment. */
  status: () => StatusEvent
  /**
   * Sets how much all transfers together may send and receive where the schedule says nothing, those that run too; one that
   * is not given stays.
   *
   * @param limits in bytes per second; 0 = no limit
   * @throws ShoalError ERR_OPTIONS_INVALID
   */
  setLimits: (limits: Partial<Limits>) => void
  /**
   * Sets how much of what came from standard input and over the control API may lie in the home. What nobody needs is removed
   * until the rest fits. False: the rest does not, and nothing more is taken in until there is room.
   *
   * @param bytes 0 = no limit
   * @throws ShoalError ERR_OPTIONS_INVALID; ERR_DISK, ERR_PERMISSION when it cannot be counted: the limit holds all the same
   */
  setQuota: (bytes: number) => Promise<boolean>
  /** How much of that lies there, and how much may. @throws ShoalError ERR_DISK, ERR_PERMISSION */
  storage: () => Promise<StorageStatus>
  /**
   * Says of all shares of a root whether what lies in the home for them is to stay there, however little room there is. Pinned,
   * it does; not pinned, it may go even while it is shared. Of which nothing was said, it may go while nobody shares it.
   *
   * @param root as `Share.root`
   * @returns these shares
   * @throws ShoalError ERR_NOT_SHARED, ERR_DISK, ERR_DISK_FULL, ERR_PERMISSION
   */
  setPinned: (root: string, isPinned: boolean) => Promise<KnownShare[]>
  /**
   * Sets the limits by day and time, at once.
   *
   * @param schedule as `NodeOptions.schedule`; empty: none
   * @throws ShoalError ERR_OPTIONS_INVALID
   */
  setSchedule: (schedule: readonly string[]) => void
  /**
   * Shares a file or folder where it lies, without a second copy. Resolves when others can fetch it; the same content
   * under the same options is the same link as before.
   *
   * @param paths of one file or folder; or of several, which become one share of a folder that holds each under its own
   *   name. In whatever order they are named, the same ones are the same share.
   * @throws ShoalError ERR_SOURCE_MISSING, ERR_SOURCE_UNREADABLE, ERR_SOURCE_CHANGED, ERR_UNSAFE_NAME, ERR_LIMIT,
   *   ERR_DISK, ERR_DISK_FULL, ERR_PERMISSION
   */
  share: (paths: string | readonly string[], options?: ShareOptions) => Promise<Share>
  /**
   * Shares what comes, such as standard input: kept in the home until it is unshared, called `stdin` without a name. The
   * same bytes again are the same share.
   *
   * @throws ShoalError as `share`; ERR_QUOTA; what `source` throws
   */
  shareInput: (source: AsyncIterable<Uint8Array>, options?: ShareInputOptions) => Promise<Share>
  /**
   * Serves again what this home shared before, as it was then: at once, for nothing is read before. What was changed since is
   * noticed when somebody asks for it, and else within a while.
   *
   * @param root as `Share.root`
   * @throws ShoalError ERR_NOT_SHARED, ERR_DISK, ERR_DISK_FULL, ERR_PERMISSION
   */
  serve: (root: string, options?: ServeOptions) => Promise<Share>
  /**
   * What this home shares or shared, in the order in which it was made. The links hold the keys.
   *
   * @throws ShoalError ERR_DISK, ERR_DISK_FULL, ERR_PERMISSION, ERR_HOME_INVALID
   */
  shares: (options?: ListSharesOptions) => AsyncIterableIterator<KnownShare>
  /**
   * Ends all shares of a root and forgets them: their link no longer works. Returns what they were.
   *
   * @param root as `Share.root`
   * @throws ShoalError ERR_NOT_SHARED, ERR_DISK, ERR_DISK_FULL, ERR_PERMISSION
   */
  unshare: (root: string, options?: UnshareOptions) => Promise<KnownShare[]>
  /**
   * Fetches what a link names. Resolves when it stands under its own name, synced; until then nothing does. Ended before,
   * it keeps its verified parts in a hidden folder beside the result, and the next fetch of the link goes on with them.
   * Others who fetch the same are given what is here so far; with `seed` they are afterwards, until `seed.stop()` of the
   * result or the end of `signal`.
   *
   * @throws ShoalError ERR_LINK_MALFORMED, ERR_LINK_CHECKSUM, ERR_LINK_INCOMPLETE; ERR_NO_PROVIDER, ERR_CONTENT_GONE;
   *   ERR_WRONG_KEY, ERR_CONTENT_INVALID, ERR_UNSAFE_NAME, ERR_LIMIT; ERR_DESTINATION_EXISTS, ERR_DISK, ERR_DISK_FULL,
   *   ERR_PERMISSION
   */
  fetch: (link: string, options?: FetchOptions) => Promise<FetchResult>
  /**
   * Who gives the fetches that run now what they bring, and how much of it is to be had from all of them: one for each, in the
   * order in which they began. It is found out when it is asked for, and for each fetch once a second at most.
   *
   * @param root as `Share.root`: only fetches of this one
   */
  sources: (root?: string) => SourcesEvent[]
  /**
   * Lists what a link names, without fetching it: entries in order, while they arrive. Leaving the loop ends it.
   *
   * @throws ShoalError of the link, of finding a provider and of checking content as `fetch`; ERR_NOT_IN_SHARE
   * @example for await (const { path, bytes } of node.list(link, { path: 'photos' })) console.log(bytes, path)
   */
  list: (link: string, options?: ListOptions) => AsyncIterableIterator<ListEntry>
  /**
   * What a link names, without fetching it: its name, kind and size. Of sealed content little is read; of public content, and of
   * a path, as much as to list it.
   *
   * @throws ShoalError as `list`
   * @example const { name, bytes } = await node.stat(link)
   */
  stat: (link: string, options?: StatOptions) => Promise<ContentStat>
  /**
   * Reads a file of what a link names, without saving it: verified bytes in order, at most 1 MiB at once, while they
   * arrive and as fast as they are taken. Leaving the loop ends it.
   *
   * @throws ShoalError as `list`; ERR_IS_FOLDER, ERR_RANGE
   * @example for await (const bytes of node.read(link, { path: 'talk.txt' })) process.stdout.write(bytes)
   */
  read: (link: string, options?: ReadOptions) => AsyncIterableIterator<Uint8Array>
  /**
   * Compares files on this disk with what a link names, without fetching it. Nothing is written.
   *
   * @param path of the file or folder that stands for the share itself
   * @throws ShoalError as `list`; ERR_VERIFY_FAILED after a `bad` event for each file or folder that is missing or
   *   differs; ERR_SOURCE_MISSING, ERR_PERMISSION, ERR_DISK
   */
  verify: (path: string, link: string, options?: VerifyOptions) => Promise<VerifyResult>
  /**
   * Reads back everything that this home shares or shared. What the disk no longer holds as it was, though nobody changed the
   * file, is got from other devices that have it and put back; a file that somebody changed is left as it is, and its share
   * is stale. A node in the background does this by itself, little by little.
   *
   * @throws ShoalError ERR_NOT_SHARED for a root that the home does not know; ERR_DISK, ERR_PERMISSION
   */
  scrub: (options?: ScrubOptions) => Promise<ScrubResult>
  /** Who is connected now: Shoal devices first, and of each kind whoever is connected longest. */
  peers: () => Promise<PeerEvent[]>
  /**
   * Looks at what commonly keeps Shoal from working: one finding for each `FindingId`, in the order in which they come, all within
   * 10 s. Whatever is found, nothing is changed, and no finding has a secret in it. Leaving the loop ends it.
   *
   * @example for await (const { id, severity, effect } of node.doctor()) console.log(severity, id, effect)
   */
  doctor: (options?: DoctorOptions) => AsyncIterableIterator<Finding>
  /** Groups of devices with a list of files that all of them edit. */
  readonly spaces: Spaces
  /** Ends all shares, seeds, fetches, listings, reads and the control socket, and gives up the home. Twice is fine. */
  stop: () => Promise<void>
}
