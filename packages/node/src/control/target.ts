/** What the control API steers, on top of a node: every operation lives as long as its connection. */
import { ShoalError } from '../errors.ts'
import type { FetchEvent, PeerEvent, ShareEvent, SourcesEvent, StatusEvent, WarningEvent } from '../events.ts'
import type { FetchOptions, FetchResult } from '../transfer/fetch-service.ts'
import type { ContentStat, ListEntry, ListOptions, StatOptions } from '../transfer/list-service.ts'
import type { StorageStatus } from '../store/quota/parts.ts'
import type { ShareInputOptions } from '../transfer/input-service.ts'
import type { KnownShare, ListSharesOptions } from '../transfer/known-share.ts'
import type { ReadOptions } from '../transfer/read-service.ts'
import type { ScrubOptions, ScrubResult } from '../transfer/scrub-service.ts'
import type { ServeOptions, Share, ShareOptions } from '../transfer/share-options.ts'
import type { VerifyOptions, VerifyResult } from '../transfer/verify-service.ts'
import type { ConfigAccess } from './config/home-config.ts'
import type { ControlTarget, SteeredSpaces } from './control-target.ts'
import type { NodeChanges } from './events/node-changes.ts'
import type { Jobs, KeepOptions } from './jobs/jobs.ts'
import type { DoctorOptions } from './doctor/doctor.ts'
import type { Finding } from './doctor/finding.ts'
import type { Uploads } from './uploads/uploads.ts'

/** A node, as far as the control API reaches. */
interface SteeredNode {
  status: () => StatusEvent
  share: (paths: readonly string[], options: ShareOptions) => Promise<Share>
  shareInput: (source: AsyncIterable<Uint8Array>, options: ShareInputOptions) => Promise<Share>
  serve: (root: string, options: ServeOptions) => Promise<Share>
  fetch: (link: string, options: FetchOptions) => Promise<FetchResult>
  list: (link: string, options: ListOptions) => AsyncIterable<ListEntry>
  stat: (link: string, options: StatOptions) => Promise<ContentStat>
  verify: (path: string, link: string, options: VerifyOptions) => Promise<VerifyResult>
  read: (link: string, options: ReadOptions) => AsyncIterable<Uint8Array>
  shares: (options: ListSharesOptions) => AsyncIterable<KnownShare>
  unshare: (root: string) => Promise<KnownShare[]>
  storage: () => Promise<StorageStatus>
  setPinned: (root: string, isPinned: boolean) => Promise<KnownShare[]>
  scrub: (options: ScrubOptions) => Promise<ScrubResult>
  peers: () => Promise<PeerEvent[]>
  sources: (root?: string) => SourcesEvent[]
  doctor: (options: DoctorOptions) => AsyncIterable<Finding>
  spaces: SteeredSpaces
}

export interface TargetInit {
  readonly node: SteeredNode
  readonly config: ConfigAccess
  readonly jobs: Jobs
  readonly changes: NodeChanges
  readonly uploads: Uploads
  readonly exposition: { readonly text: () => Promise<string> }
  /** Ends the process that the node runs in; undefined: no client may do that. */
  readonly onStopRequest: (() => void) | undefined
}

export function controlTarget(init: TargetInit): ControlTarget {
  const { node, config, jobs, changes, uploads, exposition, onStopRequest } = init
  return {
    status: () => node.status(),
    end: onStopRequest,
    config: {
      read: () => config.read(),
      change: async (wanted) => {
        const answer = await config.change(wanted)
        changes.onConfig(answer)
        return answer
      },
    },
    changes,
    receivers: async () => {
      const roots = new Set<string>()
      for await (const { root, state } of node.shares({ activeOnly: true })) {
        if (state !== 'stopped') roots.add(root)
      }
      return changes.receivers(roots)
    },
    share: async ({ paths, ...options }, onEvent, signal) => {
      await end(await node.share(paths, { ...options, onEvent, signal }), signal)
    },
    shareInput: async (options, source, onEvent, signal) => {
      await end(await node.shareInput(source, { ...options, onEvent, signal }), signal)
    },
    keepShare: async ({ paths, forMs, ...options }, key, onEvent, signal) => {
      const begin = (given: Begun): Promise<Share> => node.share(paths, { ...options, ...given })
      await keep({ node, jobs }, begin, { ...options, ...keyed(key, forMs) }, onEvent, signal)
    },
    keepInput: async ({ forMs, ...options }, source, key, onEvent, signal) => {
      const begin = (given: Begun): Promise<Share> => node.shareInput(source, { ...options, ...given })
      await keep({ node, jobs }, begin, { ...options, ...keyed(key, forMs) }, onEvent, signal)
    },
    uploads,
    shareUpload: async (id, { forMs, ...options }, key, onEvent, signal) => {
      const begin = (given: Begun): Promise<Share> =>
        uploads.share(id, (path) => node.share([path], { ...options, ...given }))
      await keep({ node, jobs }, begin, { ...options, ...keyed(key, forMs) }, onEvent, signal)
    },
    jobs,
    sources: (root) => node.sources(root),
    fetch: async ({ link, files, ...options }, write, signal) => {
      const onEvent = (event: FetchEvent): void => void write(event)
      const told = files === true ? { onFile: write } : {}
      const { seed } = await node.fetch(link, { ...options, ...told, onEvent, signal })
      await seed?.ended
      await seed?.stop()
    },
    list: async ({ link, ...options }, write, signal) => {
      const onEvent = (event: WarningEvent): void => void write(event)
      for await (const entry of node.list(link, { ...options, onEvent, signal })) {
        await write({ type: 'entry', ...entry })
      }
    },
    stat: ({ link, ...options }, signal) => node.stat(link, { ...options, signal }),
    verify: async ({ path, link, ...options }, onEvent, signal) => {
      await node.verify(path, link, { ...options, onEvent, signal })
    },
    read: async ({ link, ...options }, { onEvent, write }, signal) => {
      for await (const bytes of node.read(link, { ...options, onEvent, signal })) await write(bytes)
    },
    shares: async (options, write, signal) => {
      const onEvent = (event: WarningEvent): void => void write(event)
      for await (const share of node.shares({ ...options, onEvent, signal })) {
        await write({ type: 'share', ...share })
      }
    },
    unshare: async (root) => {
      const removed = await node.unshare(root)
      // Not waited for: the command that shared it may have been the one with this node. What is left goes at the next start.
      uploads.dropOf(root).catch(() => {})
      return removed
    },
    storage: () => node.storage(),
    setPinned: (root, isPinned) => node.setPinned(root, isPinned),
    scrub: async (request, onEvent, signal) => {
      const result = await node.scrub({ ...request, onEvent, signal })
      onEvent({ type: 'scrubbed', ...result })
    },
    peers: () => node.peers(),
    spaces: node.spaces,
    metrics: () => exposition.text(),
    doctor: async (write, signal) => {
      for await (const finding of node.doctor({ signal })) await write({ type: 'finding', ...finding })
    },
  }
}

/** What a share is begun with, whatever it is of. */
type Begun = Required<Pick<ShareOptions, 'onEvent' | 'signal'>>

function keyed(key: string | undefined, forMs: number | undefined): Pick<KeepOptions, 'key' | 'forMs'> {
  return { ...(key === undefined ? {} : { key }), ...(forMs === undefined ? {} : { forMs }) }
}

/** Until it is ready it belongs to who asked; it is told to be ready when it goes on without them. */
async function keep(
  { node, jobs }: { readonly node: Pick<SteeredNode, 'serve'>; readonly jobs: Jobs },
  begin: (given: Begun) => Promise<Share>,
  { key, forMs, times, up, down }: KeepOptions,
  onEvent: (event: ShareEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const before = await jobs.keptBefore(key)
  let ready: ShareEvent | undefined
  const given: Begun = {
    signal,
    onEvent: (event) => {
      if (event.type === 'ready') ready = event
      else if (event.type !== 'served' && event.type !== 'receivers') onEvent(event)
    },
  }
  const share = before === undefined ? await begin(given) : await node.serve(before, given)
  try {
    signal.throwIfAborted()
    await jobs.keep(share.root, {
      ...keyed(key, forMs),
      ...(times === undefined ? {} : { times }),
      ...(up === undefined ? {} : { up }),
      ...(down === undefined ? {} : { down }),
    })
    if (ready !== undefined) onEvent(ready)
  } finally {
    await share.stop()
  }
}

/** @throws ShoalError ERR_NODE_STOPPED when neither its client nor what was agreed ended it */
async function end(share: Share, signal: AbortSignal): Promise<void> {
  const how = await share.ended
  await share.stop()
  if (how === 'stopped' && !signal.aborted) throw new ShoalError('ERR_NODE_STOPPED', 'Shoal was stopped')
}
