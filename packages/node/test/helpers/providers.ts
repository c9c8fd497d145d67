/** Services beside providers in the same process: what was asked of them can be seen, altered and cut off. */
import { join } from 'node:path'
import { encodeLink } from '../../src/content/link.ts'
import type { Channel } from '../../src/network/channel.ts'
import { memoryChannels } from '../../src/network/memory-channel.ts'
import type { BlockWorkers } from '../../src/store/block-workers.ts'
import type { BlockAnswer, ContentSource } from '../../src/store/content-source.ts'
import { systemDisk } from '../../src/store/disk.ts'
import { PublicShare } from '../../src/store/public-share.ts'
import { publish } from '../../src/store/publishing.ts'
import { SealedShare } from '../../src/store/sealed-share.ts'
import { seal } from '../../src/store/sealing.ts'
import type { Walk } from '../../src/store/walk-facts.ts'
import { walk } from '../../src/store/walk.ts'
import { TRANSFER_LIMITS, type TransferLimits } from '../../src/transfer/limits.ts'
import type { SearchParts } from '../../src/transfer/swarm/search-options.ts'
import { ShareRegistry } from '../../src/transfer/serving/share-registry.ts'
import { UploadService } from '../../src/transfer/serving/upload-service.ts'
import { systemSeams } from '../../src/util/system.ts'
import { temporaryFolder, writeTree } from './files.ts'
import { nobody } from './leads.ts'

export type Tree = Readonly<Record<string, Uint8Array | string | null>>

export const SHARE_KEY = Buffer.alloc(32, 9)

export interface MadeShare {
  readonly source: ContentSource
  readonly link: string
  /** Where it lies. */
  readonly path: string
}

/** Shares a tree below a fresh folder; a tree of one file with an empty path is a share that is a single file. */
export async function makeShare(
  tree: Tree,
  form: 'sealed' | 'public',
  workers: BlockWorkers,
  options: { preserve?: boolean } = {},
): Promise<MadeShare> {
  const folder = await temporaryFolder()
  const isFile = '' in tree
  await writeTree(folder, isFile ? { share: tree[''] as Uint8Array } : tree)
  const path = isFile ? join(folder, 'share') : folder
  const walked = await walk(path, { disk: systemDisk })
  if (form === 'sealed') return { ...(await sealWalked(walked, workers)), path }
  const plan = await publish(walked, { preserve: options.preserve ?? false, workers })
  return { source: new PublicShare(plan, workers), link: encodeLink({ root: plan.root, hints: {} }), path }
}

/** Seals what was walked, or made up. */
export async function sealWalked(walked: Walk, workers: BlockWorkers): Promise<Omit<MadeShare, 'path'>> {
  const plan = await seal(walked, { name: 'made up', shareKey: SHARE_KEY, workers })
  const link = encodeLink({ root: plan.root.cid, key: SHARE_KEY, hints: {} })
  return { source: new SealedShare(plan, workers), link }
}

export interface Watched {
  /** Told of each block and node before it is read; what it returns is sent in its place. */
  onRead?: (what: 'block' | 'node', answer: BlockAnswer) => BlockAnswer | undefined
  limits?: Partial<TransferLimits>
}

/** What a service needs, with one provider that has `source`. */
export function partsWith(source: ContentSource, workers: BlockWorkers, watched: Watched = {}) {
  const limits = { ...TRANSFER_LIMITS, ...watched.limits }
  const counts = { blocks: 0, nodes: 0 }
  const see = (what: 'block' | 'node', answer: BlockAnswer): BlockAnswer =>
    watched.onRead?.(what, answer) ?? answer
  const registry = new ShareRegistry()
  registry.add({
    root: source.root,
    total: source.total,
    readBlock: async (block) => {
      counts.blocks++
      return see('block', await source.readBlock(block))
    },
    readNode: async (cid) => {
      counts.nodes++
      return see('node', await source.readNode(cid))
    },
  })
  const uploads = new UploadService({ registry, seams: systemSeams, limits })
  const channels: Channel[] = []
  const parts: SearchParts = {
    workers,
    seams: systemSeams,
    limits,
    network: 'private',
    peers: [],
    ...nobody(),
    dial: () => Promise.reject(new Error('nobody is dialled')),
    dialSelf: () => {
      const [ours, theirs] = memoryChannels(Buffer.from('me'), 'me')
      uploads.accept(theirs)
      channels.push(theirs)
      return ours
    },
  }
  return { parts, channels, counts }
}
