/**
 * Random histories of three honest authors, one removed half way, and one that lies, delivered at random, twice and in
 * any order: whoever has seen the same ends in the same state.
 */
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import {
  decodeBatch,
  encodeBatch,
  type Batch,
  type BatchFields,
} from '../../../src/spaces/catalogue/batch.ts'
import { pathKey } from '../../../src/spaces/catalogue/conflict-name.ts'
import type { Operation } from '../../../src/spaces/catalogue/operations.ts'
import { ORPHAN_LIMITS, VOID_LIMITS } from '../../../src/spaces/storage/limits.ts'
import type { IntakeLimits } from '../../../src/spaces/storage/intake.ts'
import type { ShownEntry } from '../../../src/spaces/storage/shown-entry.ts'
import { SpaceReader } from '../../../src/spaces/storage/space-reader.ts'
import type { Author, SpaceStore } from '../../../src/spaces/storage/space-store.ts'
import { isShoalError } from '../../../src/errors.ts'
import { author, content, digest, FakeAuth, Folder, hex, SPACE } from '../../helpers/catalogue.ts'
import { seededFloats } from '../../helpers/simulation.ts'

const SEEDS = Number(process.env['SHOAL_SPACE_SEEDS'] ?? 300)
const FIRST = Number(process.env['SHOAL_TEST_SEED'] ?? 1)
const STEPS = 20
const PATHS = ['a.txt', 'A.TXT', 'b', 'b/c.txt', 'b/d/e.txt', 'f.tar.gz', 'g']
const TAGS = ['red', 'blue']
const IDLE_ROUNDS = 2

interface Replica {
  readonly who: Author
  readonly auth: FakeAuth
  readonly store: SpaceStore
  readonly reader: SpaceReader
}

class World {
  readonly float: () => number
  readonly mallory = author('mallory')
  readonly honest = ['alice', 'bob', 'carol'].map((name) => author(name))
  readonly replicas: Replica[]
  readonly #folder: Folder
  readonly #limits: Partial<IntakeLimits>
  readonly frames: Uint8Array[] = []
  readonly removals: { id: Uint8Array; removed: Uint8Array; kept: ReadonlySet<string> }[] = []

  constructor(seed: number, folder: Folder) {
    this.float = seededFloats(seed)
    this.#folder = folder
    // Some worlds are so narrow that authors run over their quota and little of what does not count is kept.
    this.#limits = this.chance(0.3)
      ? {
          quota: { batches: 5, bytes: 5_000, entries: 6 },
          voids: this.chance(0.5) ? VOID_LIMITS : { ...VOID_LIMITS, batchesPerAuthor: 2 },
        }
      : this.chance(0.1)
        ? { orphans: { ...ORPHAN_LIMITS, batchesPerAuthor: 2, batches: 4 } }
        : {}
    this.replicas = this.honest.map((who, i) => this.replica(`${i}`, who))
  }

  replica(name: string, who: Author): Replica {
    const auth = new FakeAuth([...this.honest, this.mallory])
    const store = this.#folder.store(name, { auth, limits: this.#limits })
    return { who, auth, store, reader: this.#folder.closing(new SpaceReader(this.#folder.file(name))) }
  }

  chance(of: number): boolean {
    return this.float() < of
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.float() * items.length)] as Item
  }

  shuffle<Item>(items: readonly Item[]): Item[] {
    return items
      .map((item) => [this.float(), item] as const)
      .toSorted(([a], [b]) => a - b)
      .map(([, item]) => item)
  }

  step(): void {
    const replica = this.pick(this.replicas)
    const what = this.float()
    if (what < 0.45) this.#write(replica)
    else if (what < 0.7) this.#lie(replica)
    else if (what < 0.75 && this.removals.length < 2) this.#remove(replica)
    else if (what < 0.8) this.#learn(replica)
    else replica.store.receive(this.#some())
  }

  /** All that there is, to all, in another order for each, until nobody learns from it: who is narrow needs some rounds. */
  settle(replicas: readonly Replica[]): void {
    for (let idle = 0; idle < IDLE_ROUNDS;) {
      const isNews = replicas.map((replica) => this.#offer(replica))
      idle = isNews.includes(true) ? 0 : idle + 1
    }
  }

  #offer(replica: Replica): boolean {
    if (this.chance(0.5)) for (const removal of this.shuffle(this.removals)) this.#tell(replica, removal)
    const frames = this.shuffle([...this.frames, ...this.#some()])
    const cut = Math.floor(this.float() * frames.length)
    const before = replica.store.receive(frames.slice(0, cut))
    for (const removal of this.shuffle(this.removals)) this.#tell(replica, removal)
    const after = replica.store.receive(frames.slice(cut))
    return [...before, ...after].some(({ state }) => state === 'kept')
  }

  #tell(replica: Replica, { id, removed, kept }: World['removals'][number]): void {
    replica.auth.learn(id, removed, kept)
    replica.store.judgeAgain()
  }

  #learn(replica: Replica): void {
    const removal = this.pick(this.removals)
    if (removal !== undefined) this.#tell(replica, removal)
  }

  #remove(replica: Replica): void {
    const removed = this.pick([this.mallory, ...this.honest.filter((one) => one !== replica.who)]).key
    const kept = new Set<string>()
    for (const { id } of this.#batches()) {
      if (replica.store.counts(id) === true && this.chance(0.8)) kept.add(hex(id))
    }
    const removal = { id: digest(`removal ${this.removals.length}`), removed, kept }
    this.removals.push(removal)
    this.#tell(replica, removal)
  }

  #some(): Uint8Array[] {
    return this.shuffle(this.frames).slice(0, 1 + Math.floor(this.float() * 6))
  }

  #write({ store, who, reader, auth }: Replica): void {
    const { entries } = reader.search('', { limit: 100 })
    const operations = Array.from({ length: 1 + Math.floor(this.float() * 3) }, () =>
      this.#operation(entries),
    )
    try {
      this.frames.push(store.write(who, operations, auth.heads()))
    } catch (error) {
      if (!isShoalError(error, 'ERR_SPACE_ROLE') && !isShoalError(error, 'ERR_QUOTA')) throw error
    }
    const last = this.#batches().at(-1)
    if (last === undefined || !this.chance(0.1)) return
    const undoing = reader.undo(last.id)
    if (undoing.length === 0) return
    try {
      this.frames.push(store.write(who, undoing, auth.heads()))
    } catch (error) {
      if (!isShoalError(error, 'ERR_SPACE_ROLE') && !isShoalError(error, 'ERR_QUOTA')) throw error
    }
  }

  #operation(entries: readonly ShownEntry[]): Operation {
    const target = this.pick(entries)
    const what = this.float()
    if (target === undefined || what < 0.3) {
      return { kind: 'put', path: this.pick(PATHS), content: content(`${this.float()}`) }
    }
    const { entry, version, wantedPath } = target
    // Of two contents of one entry sometimes both are replaced.
    const versions = entries.filter((other) => hex(other.entry) === hex(entry)).map((other) => other.version)
    const replaced = this.chance(0.5) ? [version] : versions.toSorted((a, b) => Buffer.compare(a, b))
    if (what < 0.45) {
      return { kind: 'edit', entry, replaced, path: wantedPath, content: content(`${this.float()}`) }
    }
    if (what < 0.6) return { kind: 'delete', entry, replaced }
    if (what < 0.75) return { kind: 'move', entry, path: this.pick(PATHS) }
    if (what < 0.82) return { kind: 'tag', entry, tag: this.pick(TAGS), replaced: [] }
    if (what < 0.88) return { kind: 'untag', entry, replaced: this.#tagsOf() }
    if (what < 0.94) return { kind: 'note', entry, text: `${this.float()}` }
    return { kind: 'title', entry: this.chance(0.5) ? entry : undefined, text: `${this.float()}` }
  }

  /** Operations that gave tags, of whatever entry. */
  #tagsOf(): Uint8Array[] {
    return this.#batches()
      .flatMap(({ id, operations }) =>
        operations.flatMap(({ kind }, place) => (kind === 'tag' ? [Uint8Array.from([...id, place])] : [])),
      )
      .filter(() => this.chance(0.5))
      .slice(0, 8)
      .toSorted((a, b) => Buffer.compare(a, b))
  }

  #lie({ store, auth, reader }: Replica): void {
    const { entries } = reader.search('', { limit: 100 })
    const parents = this.chance(0.7) ? store.heads() : []
    const fields: BatchFields = {
      space: SPACE,
      author: this.mallory.key,
      lamport: this.#lamportAfter(parents),
      parents,
      authHeads: this.chance(0.5) ? auth.heads() : [],
      operations: [this.#operation(entries), this.#blind()],
    }
    const { sign } = this.mallory
    const lies: (() => Uint8Array)[] = [
      () => encodeBatch(fields, sign),
      // Another beside it, and both go out.
      () => {
        this.frames.push(encodeBatch({ ...fields, operations: [this.#blind()] }, sign))
        return encodeBatch({ ...fields, operations: [this.#blind(), this.#blind()] }, sign)
      },
      () =>
        encodeBatch({ ...fields, parents, lamport: fields.lamport + (parents.length > 0 ? 2_999 : 0) }, sign),
      () => encodeBatch({ ...fields, author: this.pick(this.honest).key }, sign),
      () => encodeBatch({ ...fields, space: digest('another') }, sign),
      () => encodeBatch({ ...fields, lamport: 1, parents: [] }, sign),
      () => encodeBatch({ ...fields, lamport: 5, parents: [digest('nothing')] }, sign),
      () => new Uint8Array(70_000),
      () => encodeBatch(fields, sign).subarray(0, 150),
    ]
    this.frames.push(this.pick(lies)())
  }

  /** Replaces and moves what nobody showed to it, and speaks of entries that are none. */
  #blind(): Operation {
    const made = this.#batches().flatMap(({ id, operations }) =>
      operations.map((_, place) => Uint8Array.from([...id, place])),
    )
    const entry = this.pick(made) ?? Uint8Array.from([...digest('none'), 0])
    const onIt = this.#batches().flatMap(({ id, operations }) =>
      operations.flatMap((operation, place) => {
        const isOnIt =
          'entry' in operation && operation.entry instanceof Uint8Array && hex(operation.entry) === hex(entry)
        return isOnIt ? [Uint8Array.from([...id, place])] : []
      }),
    )
    const replaced = [this.pick(this.chance(0.7) && onIt.length > 0 ? onIt : made) ?? entry]
    if (this.chance(0.3)) return { kind: 'delete', entry, replaced }
    if (this.chance(0.3))
      return { kind: 'edit', entry, replaced, path: this.pick(PATHS), content: content('of mallory') }
    if (this.chance(0.3)) return { kind: 'untag', entry, replaced }
    return { kind: 'put', path: this.pick(PATHS), content: content(`${this.float()}`) }
  }

  /** All that can be read of what was sent. */
  #batches(): Batch[] {
    return this.frames.flatMap((frame) => {
      try {
        return decodeBatch(frame)
      } catch {
        return []
      }
    })
  }

  #lamportAfter(parents: readonly Uint8Array[]): number {
    const named = new Set(parents.map((parent) => hex(parent)))
    let lamport = 0
    for (const batch of this.#batches())
      if (named.has(hex(batch.id))) lamport = Math.max(lamport, batch.lamport)
    return lamport + 1
  }
}

function run(seed: number): void {
  using folder = new Folder(true)
  const world = new World(seed, folder)
  for (let i = 0; i < STEPS; i++) world.step()
  const late = world.replica('late', author('late'))
  const all = [...world.replicas, late]
  world.settle(all)
  const states = all.map(({ store }) => store.stateHash())
  expect(new Set(states).size, `seed ${seed}: replicas differ`).toBe(1)
  for (const { store } of seed % 10 === 0 ? all : seed % 3 === 0 ? [late] : []) {
    expect(store.check().isSame, `seed ${seed}: the log says something else`).toBe(true)
  }
  for (const { reader } of all) {
    const paths = reader.search('', { limit: 1_000 }).entries.map(({ path }) => pathKey(path))
    expect(new Set(paths).size, `seed ${seed}: two contents at one path`).toBe(paths.length)
    const files = new Set(paths)
    const folders = paths.flatMap((path) => path.split('/').map((_, i, names) => names.slice(0, i).join('/')))
    expect(
      folders.filter((path) => files.has(path)),
      `seed ${seed}: a file where a folder is`,
    ).toEqual([])
  }
}

test(
  `replicas of ${SEEDS} random histories from seed ${FIRST} do not differ`,
  { timeout: 3_600_000 },
  async () => {
    for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
      run(seed)
      // Who runs the test hears nothing of this process meanwhile.
      await setImmediate()
    }
  },
)
