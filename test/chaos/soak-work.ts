/** What is asked of the nodes of the soak, over their control API, and whether it was done. */
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { isShoalError, type FetchStateEvent } from '@shoal/node/control'
import type { SoakNodes } from './soak-nodes.ts'

const MOST_SHARES = 4
const MOST_FILE_BYTES = 2_000_000
const FOLDER_FILES = 8
const MOST_SMALL_BYTES = 60_000
/** Slow enough to be paused, in bytes per second. */
const SLOW = 1_500_000
/** Longest that anything may take, also on a machine that has much else to do. */
const WAIT_MS = 120_000
const POLL_MS = 100
const NEVER = new AbortController().signal

interface Shared {
  readonly owner: number
  readonly root: string
  readonly link: string
  readonly path: string
  /** Paths in it; of a file one, empty. */
  readonly files: readonly string[]
  /** Who needs it: it is not unshared before. */
  readers: number
}

/** How often each kind is drawn, beside the others. */
const WEIGHTS = {
  fetch: 3,
  background: 2,
  seed: 1,
  verify: 1,
  list: 2,
  read: 2,
  look: 2,
  attach: 1,
  share: 2,
  unshare: 1,
  restart: 1,
}

/** What is drawn from: all kinds, or only those named, as who looks for a leak wants it. */
export function kindsOf(names: string | undefined): string[] {
  const wanted = names?.split(',')
  for (const name of wanted ?? []) if (!(name in WEIGHTS)) throw new Error(`there is no operation ${name}`)
  return Object.entries(WEIGHTS).flatMap(([kind, weight]) =>
    wanted?.includes(kind) === false ? [] : Array.from({ length: weight }, () => kind),
  )
}

export class SoakWork {
  /** Operations that were done, by kind. */
  readonly done: Record<string, number> = {}
  readonly #nodes: SoakNodes
  readonly #folder: string
  readonly #float: () => number
  readonly #kinds: readonly string[]
  readonly #shares: Shared[] = []
  /** Nodes of which something is asked. */
  readonly #busy = new Set<number>()
  #names = 0

  constructor(nodes: SoakNodes, folder: string, float: () => number, kinds: readonly string[]) {
    this.#nodes = nodes
    this.#folder = folder
    this.#float = float
    this.#kinds = kinds
  }

  get operations(): number {
    return Object.values(this.done).reduce((sum, count) => sum + count, 0)
  }

  /** One share of each node, so that there is something to fetch. */
  async begin(): Promise<void> {
    for (let node = 0; node < this.#nodes.count; node++) await this.#share(node)
  }

  /** Asks one thing, and another for as long as `goesOn`. */
  async run(goesOn: () => boolean): Promise<void> {
    do {
      const free = Array.from({ length: this.#nodes.count }, (_, i) => i).filter((i) => !this.#busy.has(i))
      const node = this.#pick(free)
      const kind = this.#pick(this.#kinds)
      this.#busy.add(node)
      try {
        await this.#do(kind, node)
        this.done[kind] = (this.done[kind] ?? 0) + 1
      } catch (cause) {
        throw new Error(`${kind} at node ${node} failed: ${await this.#about(node)}`, { cause })
      } finally {
        this.#busy.delete(node)
      }
    } while (goesOn())
  }

  /** What a node says of itself, for who looks into a failure. */
  async #about(node: number): Promise<string> {
    const client = await this.#nodes.client(node)
    const { loop, discovery, uptime } = await client.status()
    return JSON.stringify({ loop, discovery, uptime })
  }

  async #do(kind: string, node: number): Promise<void> {
    if (kind === 'share') return await this.#share(node)
    if (kind === 'unshare') return await this.#unshare(node)
    if (kind === 'look') return await this.#look(node)
    if (kind === 'attach') return await this.#attach(node)
    if (kind === 'restart') return await this.#restart(node)
    const shared = this.#pick(this.#shares.filter(({ owner }) => owner !== node))
    const directory = join(this.#folder, `in-${this.#names++}`)
    shared.readers++
    try {
      if (kind === 'list') await this.#list(node, shared)
      else if (kind === 'read') await this.#read(node, shared)
      else if (kind === 'background') await this.#background(node, shared, directory)
      else await this.#fetch(node, shared, directory, kind)
    } finally {
      shared.readers--
      await rm(directory, { recursive: true, force: true })
    }
  }

  async #share(node: number): Promise<void> {
    if (this.#shares.filter(({ owner }) => owner === node).length >= MOST_SHARES) await this.#unshare(node)
    const { path, files } = await this.#content()
    const client = await this.#nodes.client(node)
    const body = { paths: [path], public: this.#float() < 0.3 }
    for await (const event of client.keepShare(body, randomUUID(), NEVER)) {
      if (event.type !== 'ready') continue
      const { root, link } = event
      this.#shares.push({ owner: node, root, link, path, files, readers: 0 })
    }
  }

  async #unshare(node: number): Promise<void> {
    const own = this.#shares.filter(({ owner }) => owner === node)
    const unused = own.find(({ readers }) => readers === 0)
    if (own.length < 2 || unused === undefined) return
    this.#shares.splice(this.#shares.indexOf(unused), 1)
    await (await this.#nodes.client(node)).unshare(unused.root)
    await rm(unused.path, { recursive: true })
  }

  async #fetch(node: number, shared: Shared, directory: string, kind: string): Promise<void> {
    const { link, root } = shared
    const client = await this.#nodes.client(node)
    const end = new AbortController()
    const seed = kind === 'seed'
    let path: string | undefined
    for await (const event of client.fetch({ link, directory, seed, waitMs: WAIT_MS }, end.signal)) {
      if (event.type !== 'done') continue
      path = event.path
      // Who seeds would go on for ever.
      end.abort()
    }
    await same(path, shared)
    if (kind === 'verify' && path !== undefined) {
      const types: string[] = []
      for await (const { type } of client.verify({ path, link, waitMs: WAIT_MS }, NEVER)) types.push(type)
      if (types.at(-1) !== 'done') throw new Error(`verify said ${types.join(' ')}`)
    }
    if (seed) await forget(client.unshare(root))
  }

  /** Handed over, paused and let go on, or cancelled. */
  async #background(node: number, shared: Shared, directory: string): Promise<void> {
    const client = await this.#nodes.client(node)
    const body = { link: shared.link, directory, down: SLOW, seed: this.#float() < 0.3 }
    const { id } = await client.keepFetch(body, randomUUID())
    if (this.#float() < 0.3) {
      const { state } = await client.changeFetch(id, 'cancel')
      if (state !== 'cancelled' && state !== 'done') throw new Error(`cancelled, it is ${state}`)
      await forget(client.unshare(shared.root))
      return
    }
    if (this.#float() < 0.5) {
      await client.changeFetch(id, 'pause')
      await client.changeFetch(id, { priority: 'high' })
      await client.changeFetch(id, 'resume')
    }
    for (const endMs = performance.now() + WAIT_MS; ;) {
      let now: FetchStateEvent | undefined
      for await (const fetch of client.fetches()) if (fetch.id === id) now = fetch
      if (now?.state === 'done') {
        await same(now.path ?? undefined, shared)
        break
      }
      if (now?.state === 'failed' || performance.now() > endMs) throw new Error(JSON.stringify(now))
      await later(POLL_MS)
    }
    await forget(client.unshare(shared.root))
  }

  async #list(node: number, { link, path, files }: Shared): Promise<void> {
    const sizes: Record<string, number> = {}
    for await (const event of (await this.#nodes.client(node)).list({ link, waitMs: WAIT_MS }, NEVER)) {
      if (event.type === 'entry' && event.kind === 'file') sizes[event.path] = event.bytes
    }
    const listed = Object.keys(sizes).length
    if (listed !== files.length) throw new Error(`${listed} files of ${files.length} in ${path}`)
  }

  async #read(node: number, { link, path, files }: Shared): Promise<void> {
    const file = this.#pick(files)
    const bytes = await readFile(join(path, file))
    const from = Math.floor(this.#float() * bytes.byteLength)
    const to = from + Math.floor(this.#float() * (bytes.byteLength - from))
    const body = {
      link,
      range: { from, to },
      waitMs: WAIT_MS,
      ...(file === '' ? {} : { path: file }),
    }
    const got: Uint8Array[] = []
    for await (const part of (await this.#nodes.client(node)).read(body, NEVER)) got.push(part)
    if (!Buffer.concat(got).equals(bytes.subarray(from, to + 1))) throw new Error('read other bytes')
  }

  /** A command that looks around, and leaves before everything was said. */
  async #look(node: number): Promise<void> {
    const client = await this.#nodes.client(node)
    await Promise.all([client.status(), client.peers(), client.config()])
    for await (const _ of client.shares());
    const leave = new AbortController()
    for await (const _ of client.doctor(leave.signal)) leave.abort()
  }

  /** A command that shares for as long as it runs. */
  async #attach(node: number): Promise<void> {
    const { path } = await this.#content()
    const client = await this.#nodes.client(node)
    const leave = new AbortController()
    let root: string | undefined
    for await (const event of client.share({ paths: [path] }, leave.signal)) {
      if (event.type !== 'ready') continue
      root = event.root
      leave.abort()
    }
    if (root === undefined) throw new Error('it was not ready')
    await client.unshare(root)
    await rm(path, { recursive: true })
  }

  async #restart(node: number): Promise<void> {
    // The one through which the others join.
    if (node === 0) return
    await this.#nodes.stop(node)
    await this.#nodes.start(node)
  }

  /** A file, or a folder of small ones. */
  async #content(): Promise<{ path: string; files: string[] }> {
    const path = join(this.#folder, `content-${this.#names++}`)
    if (this.#float() < 0.7) {
      await writeFile(path, this.#bytes(MOST_FILE_BYTES))
      return { path, files: [''] }
    }
    await mkdir(path)
    const files = Array.from({ length: FOLDER_FILES }, (_, i) => `file-${i}`)
    for (const file of files) await writeFile(join(path, file), this.#bytes(MOST_SMALL_BYTES))
    return { path, files }
  }

  /** Up to so many, no two alike. */
  #bytes(most: number): Buffer {
    const bytes = Buffer.alloc(1 + Math.floor(this.#float() * most))
    for (let at = 0; at + 4 <= bytes.byteLength; at += 1_024) bytes.writeUInt32BE(this.#float() * 2 ** 32, at)
    return bytes
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#float() * items.length)] as T
  }
}

async function same(path: string | undefined, shared: Shared): Promise<void> {
  if (path === undefined) throw new Error('it was not done')
  for (const file of shared.files) {
    const [ours, theirs] = await Promise.all([readFile(join(path, file)), readFile(join(shared.path, file))])
    if (!ours.equals(theirs)) throw new Error(`${basename(path)}/${file} has other bytes`)
  }
}

/** What may not be shared any more, or not yet. */
async function forget(unshared: Promise<unknown>): Promise<void> {
  await unshared.catch((error: unknown) => {
    if (!isShoalError(error, 'ERR_NOT_SHARED')) throw error
  })
}
