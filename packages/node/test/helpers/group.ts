/** Devices of one space that hand each other what they wrote, without a network between them. */
import { cpSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Instances } from '../../src/identity/instance.ts'
import type { GivenRole } from '../../src/spaces/auth/action.ts'
import { LOG_LIMITS, type LogLimits } from '../../src/spaces/auth/limits.ts'
import type { EntryContent } from '../../src/spaces/catalogue/operations.ts'
import { Space, type SpaceInit } from '../../src/spaces/space.ts'
import { Folder, content, digest, hex } from './catalogue.ts'
import { seededRandom } from './space-keys.ts'

export const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_122)

/** Devices that know each other; `tell` gives everybody what anybody wrote. */
export class Group implements AsyncDisposable {
  readonly random = seededRandom(SEED)
  readonly folder = new Folder(true)
  readonly spaces = new Map<string, Space>()
  readonly frames: Uint8Array[] = []
  nowMs = 1_800_000_000_000
  /** Of every log that is opened from then on. */
  limits: LogLimits = LOG_LIMITS

  /** Of homes that were brought back, the instances before, newest first. */
  readonly #formers = new Map<string, readonly Uint8Array[]>()

  init(name: string): SpaceInit {
    const folder = join(this.folder.path, name)
    mkdirSync(folder, { recursive: true })
    const secrets = {
      identitySeed: digest(`identity of ${name}`),
      instances: this.#instances(name),
    }
    return { folder, secrets, random: this.random, clock: { now: () => this.nowMs }, limits: this.limits }
  }

  async found(name: string): Promise<Space> {
    const init = this.init(name)
    return this.#keep(name, await Space.found(init, 'holiday', () => init.folder))
  }

  async join(name: string, by: Space, role: GivenRole = 'write'): Promise<Space> {
    const space = await this.stranger(name, by)
    const { author, sealings } = space.device
    const member = { member: hex(author.publicKey), sealing: hex(sealings[0].publicKey) }
    await by.act({ type: 'admit', role, invite: undefined, ...member })
    return space
  }

  /** A device that knows the id of the space and nothing else. */
  async stranger(name: string, by: Space): Promise<Space> {
    return this.#keep(name, await Space.open(this.init(name), by.id))
  }

  async again(name: string): Promise<Space> {
    const { id } = this.at(name)
    this.at(name).close()
    return this.#keep(name, await Space.open(this.init(name), id))
  }

  /** The home of `name` is brought back from an export somewhere else, without any space in it. */
  async bringBack(name: string, by: Space): Promise<Space> {
    const { current, former } = this.#instances(name)
    this.#formers.set(name, [current, ...former])
    this.at(name).close()
    const init = this.init(name)
    const folder = join(init.folder, `after ${former.length + 1}`)
    mkdirSync(folder)
    return this.#keep(name, await Space.open({ ...init, folder }, by.id))
  }

  /** The disk of `name` goes back to how it was before `work`, by a backup of all of it. */
  async rollBack(name: string, work: () => Promise<void>): Promise<Space> {
    const { id } = this.at(name)
    const { folder } = this.init(name)
    const backup = `${folder} backup`
    this.at(name).close()
    cpSync(folder, backup, { recursive: true })
    this.#keep(name, await Space.open(this.init(name), id))
    await work()
    this.at(name).close()
    rmSync(folder, { recursive: true })
    renameSync(backup, folder)
    return this.#keep(name, await Space.open(this.init(name), id))
  }

  at(name: string): Space {
    return this.spaces.get(name) as Space
  }

  #instances(name: string): Instances {
    const former = this.#formers.get(name) ?? []
    return { current: digest(`instance ${former.length} of ${name}`), former }
  }

  #keep(name: string, space: Space): Space {
    this.spaces.set(name, space)
    return space
  }

  put(at: Space, path: string): EntryContent {
    const { wrappedKey: _, epoch: __, ...facts } = content(path)
    const entry = at.contentOf({ ...facts, key: digest(`key of ${path}`) })
    this.frames.push(at.write([{ kind: 'put', path, content: entry }]))
    return entry
  }

  /** Until nobody has anything new to say, and each of `names` knows what the others do. */
  async tell(...names: string[]): Promise<void> {
    const all = names.length === 0 ? [...this.spaces.values()] : names.map((name) => this.at(name))
    for (let before = ''; ;) {
      const known = all.map((space) => space.authIds().toSorted().join()).join(' ')
      if (known === before) break
      before = known
      for (const from of all) for (const to of all) await to.takeAuth(from.authFrames(from.authIds()))
    }
    for (const to of all) to.takeBatches(this.frames)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const space of this.spaces.values()) space.close()
    this.folder[Symbol.dispose]()
  }
}
