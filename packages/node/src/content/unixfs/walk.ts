/** What a public root holds, found by getting its interior from peers that may lie about everything but hashes. */
import type { CID } from 'multiformats/cid'
import type { Entry } from '../entry.ts'
import { viewFolder, type FolderView } from './folder-view.ts'
import { getGraph, type GetNodes, type Graph, type GraphNode } from './graph.ts'
import type { PublicLeaves } from './leaves.ts'
import { DEFAULT_WALK_LIMITS, type WalkLimits } from './limits.ts'
import { isLeaf, measureGraph, type Measure } from './measure.ts'
import { WalkedLeaves } from './walked-leaves.ts'

export interface PublicLayout {
  /** Sorted by `comparePaths`; a single file has path ''. */
  readonly entries: Entry[]
  readonly leaves: PublicLeaves
}

export interface WalkOptions {
  /** `bytes` is best what the disk has room for. */
  readonly limits?: Partial<WalkLimits>
  readonly signal?: AbortSignal
}

/**
 * Walks the interior of `root` and numbers its leaves. `getNodes` is asked for at most 64 CIDs at once, up to 4
 * times side by side, never twice for the same block; it returns verified blocks of at most 1 MiB in order. Asked
 * for are dag-pb blocks, a root that is raw, and raw blocks in a folder that states no Tsize. Sizes of other raw
 * blocks are what the publisher claims. Names are distinct components of UTF-8, but not yet judged to be safe.
 *
 * @throws ShoalError ERR_CONTENT_INVALID, ERR_LIMIT, ERR_UNSAFE_NAME; what `getNodes` throws; the reason of `signal`
 */
export async function walkUnixfs(
  root: CID,
  getNodes: GetNodes,
  options: WalkOptions = {},
): Promise<PublicLayout> {
  const limits = { ...DEFAULT_WALK_LIMITS, ...options.limits }
  const graph = await getGraph(root, getNodes, limits, options.signal)
  const measures = measureGraph(graph, limits)
  const lister = new Lister(graph, measures)
  lister.root()
  return {
    entries: lister.entries,
    leaves: new WalkedLeaves(graph, lister.targets, lister.firstOf, lister.leaves),
  }
}

class Lister {
  readonly entries: Entry[] = []
  /** For each entry the link that leads to it, and the number of its first leaf or -1. */
  readonly targets: Uint32Array
  readonly firstOf: Float64Array
  readonly leaves: number
  readonly #graph: Graph
  readonly #measures: readonly Measure[]
  readonly #views = new Map<number, FolderView>()

  constructor(graph: Graph, measures: readonly Measure[]) {
    this.#graph = graph
    this.#measures = measures
    const root = measures[0] as Measure
    const length = isFile(graph, 0) ? 1 : root.entries
    this.leaves = root.leaves
    this.targets = new Uint32Array(length)
    this.firstOf = new Float64Array(length)
  }

  root(): void {
    if (isFile(this.#graph, 0)) this.#add('', 0, 0)
    else this.#folder(0, '', 0)
  }

  #folder(index: number, prefix: string, firstLeaf: number): void {
    const view = this.#view(index)
    // Leaves are numbered in stored order, entries listed in the order of names.
    const firsts = new Float64Array(view.links.length)
    let next = firstLeaf
    view.links.forEach((link, i) => {
      firsts[i] = next
      next += this.#leavesBelow(link)
    })
    for (const i of view.sorted) {
      const path = prefix + (view.names[i] as string)
      const link = view.links[i] as number
      this.#add(path, link, firsts[i] as number)
      if (!isFile(this.#graph, link)) {
        this.#folder(this.#graph.links.nodes[link] as number, `${path}/`, firsts[i] as number)
      }
    }
  }

  #add(path: string, link: number, firstLeaf: number): void {
    const node = this.#graph.nodes[this.#graph.links.nodes[link] as number]
    const file = isFile(this.#graph, link)
    const index = this.entries.length
    this.entries.push({
      path,
      kind: file ? 'file' : 'folder',
      size: file ? (node?.size ?? (this.#graph.links.sizes[link] as number)) : 0,
      ...(node?.mtimeMs === undefined ? {} : { mtimeMs: node.mtimeMs }),
      ...(node?.executable === undefined ? {} : { executable: node.executable }),
    })
    this.targets[index] = link
    this.firstOf[index] = file ? firstLeaf : -1
  }

  #leavesBelow(link: number): number {
    return isLeaf(this.#graph, link)
      ? 1
      : (this.#measures[this.#graph.links.nodes[link] as number] as Measure).leaves
  }

  #view(index: number): FolderView {
    let view = this.#views.get(index)
    if (view === undefined) {
      view = viewFolder(this.#graph, this.#graph.nodes[index] as GraphNode)
      this.#views.set(index, view)
    }
    return view
  }
}

function isFile(graph: Graph, link: number): boolean {
  const node = graph.nodes[graph.links.nodes[link] as number]
  return node === undefined || node.kind === 'raw' || node.kind === 'file'
}
