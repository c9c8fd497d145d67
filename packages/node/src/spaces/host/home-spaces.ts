/** The spaces of a home, opened when they are first asked for. One that cannot be opened keeps none of the others closed. */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { diskError, isShoalError, ShoalError } from '../../errors.ts'
import { loadIdentity } from '../../identity/identity.ts'
import { loadInstances } from '../../identity/instance.ts'
import { makeFolder } from '../../util/make-folder.ts'
import type { Clock, Random } from '../../util/seams.ts'
import { syncFolder } from '../../util/sync-folder.ts'
import { fromHex, toHex } from '../auth/action-codec.ts'
import type { Hex } from '../auth/action.ts'
import { MAX_SPACE_NAME_BYTES } from '../auth/limits.ts'
import { Space, type SpaceInit } from '../space.ts'
import { spaceDevice, type DeviceSecrets, type SpaceDevice } from '../space-device.ts'
import type { SpaceSummary } from './answers.ts'
import { spaceIds, spacesFolder } from './space-folders.ts'
import { MAX_SPACES, MIN_PREFIX_LENGTH } from './limits.ts'

export interface HomeSpacesInit {
  readonly home: string
  readonly random: Random
  readonly clock: Pick<Clock, 'now'>
}

const SEED_BYTES = 32
const FOLDER_MODE = 0o700
const ID = /^[0-9a-f]{64}$/

export class HomeSpaces {
  readonly #init: HomeSpacesInit
  readonly #folder: string
  readonly #spaces = new Map<Hex, Promise<Space>>()
  #secrets: Promise<DeviceSecrets> | undefined
  #isClosed = false

  constructor(init: HomeSpacesInit) {
    this.#init = init
    this.#folder = spacesFolder(init.home)
  }

  get seams(): Pick<HomeSpacesInit, 'clock' | 'random'> {
    return this.#init
  }

  /** Ids of all that are kept, in order. */
  ids(): Hex[] {
    return spaceIds(this.#folder)
  }

  /** @throws ShoalError as `Space.open`; ERR_SPACE_UNKNOWN */
  async get(id: Hex): Promise<Space> {
    const known = this.#spaces.get(id)
    if (known !== undefined) return await known
    if (!this.ids().includes(id)) throw unknown()
    return await this.#open(id)
  }

  /** Founds a space. @throws ShoalError as `Space.found`; ERR_LIMIT */
  async found(name: string): Promise<Space> {
    const bytes = Buffer.byteLength(name)
    if (bytes === 0 || bytes > MAX_SPACE_NAME_BYTES)
      throw new ShoalError(
        'ERR_OPTIONS_INVALID',
        `the name of a space has 1 to ${MAX_SPACE_NAME_BYTES} bytes`,
      )
    const init = await this.#spaceInit()
    let folder: string | undefined
    const makeFolderOf = (id: Uint8Array): string => (folder = this.#makeFolder(toHex(id)))
    const space = await Space.found(init, name, makeFolderOf).catch((error: unknown) => {
      // Nobody was told of it.
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
      throw error
    })
    await syncFolder(this.#folder)
    this.#spaces.set(toHex(space.id), Promise.resolve(space))
    return space
  }

  /**
   * Begins to keep a space of which only the id is known.
   *
   * @returns false when it was kept already
   * @throws ShoalError as `Space.open`; ERR_LIMIT
   */
  async keep(id: Hex): Promise<boolean> {
    if (!ID.test(id)) throw unknown()
    await this.#spaceInit()
    const isNew = !this.ids().includes(id)
    if (isNew) {
      this.#makeFolder(id)
      await syncFolder(this.#folder)
    }
    await this.get(id)
    return isNew
  }

  /** Keeps a space no longer, unless this device is or ever was in it. @throws ShoalError as `get`; ERR_DISK, ERR_PERMISSION */
  async discard(id: Hex): Promise<void> {
    const space = await this.get(id)
    const isEmpty = space.authPage(0, { operations: 1, bytes: 0 }).total === 0
    if (!isEmpty && space.state.sealings.has(toHex(space.device.author.publicKey))) return
    this.#spaces.delete(id)
    space.close()
    const folder = join(this.#folder, id)
    try {
      rmSync(folder, { recursive: true, force: true })
    } catch (error) {
      throw diskError(error, `removing ${folder}`)
    }
  }

  /** This device in a space, whether that is here or not. @throws ShoalError as `Space.open` */
  async deviceIn(id: Hex): Promise<SpaceDevice> {
    if (this.ids().includes(id)) return (await this.get(id)).device
    return spaceDevice((await this.#spaceInit()).secrets, fromHex(id))
  }

  /** Undefined when it is not here, or nothing of it is but its id. @throws ShoalError ERR_DISK, ERR_PERMISSION */
  async summary(id: Hex): Promise<SpaceSummary | undefined> {
    return this.ids().includes(id) ? await this.#summaryOf(id) : undefined
  }

  /** What there is, with what keeps those closed that cannot be opened. A space whose log is yet to come is left out. */
  async list(): Promise<SpaceSummary[]> {
    const summaries: SpaceSummary[] = []
    for (const id of this.ids()) {
      // oxlint-disable-next-line no-await-in-loop -- Each takes the disk for itself.
      const summary = await this.#summaryOf(id)
      if (summary !== undefined) summaries.push(summary)
    }
    return summaries
  }

  /**
   * The space that an id, the beginning of one or a name means.
   *
   * @throws ShoalError ERR_SPACE_UNKNOWN, ERR_SPACE_AMBIGUOUS
   */
  async resolve(ref: string): Promise<SpaceSummary> {
    const all = await this.list()
    const exact = all.find(({ id }) => id === ref)
    if (exact !== undefined) return exact
    const isPrefix = ref.length >= MIN_PREFIX_LENGTH
    const isName = ref !== ''
    const meant = all.filter(({ id, name }) => (isName && name === ref) || (isPrefix && id.startsWith(ref)))
    const [only, second] = meant
    if (only === undefined) throw unknown()
    if (second === undefined) return only
    throw new ShoalError('ERR_SPACE_AMBIGUOUS', `that means more than one of the ${all.length} spaces here`)
  }

  /** Closes all of them; none is opened any more. */
  async close(): Promise<void> {
    this.#isClosed = true
    const opened = await Promise.allSettled(this.#spaces.values())
    this.#spaces.clear()
    for (const each of opened) if (each.status === 'fulfilled') each.value.close()
  }

  async #summaryOf(id: Hex): Promise<SpaceSummary | undefined> {
    try {
      const space = await this.get(id)
      return space.authIds().length === 0 ? undefined : summaryOf(space)
    } catch (error) {
      if (!isShoalError(error)) throw error
      const fault = error.toJSON()
      return { id, name: '', role: null, members: 0, entries: 0, bytes: 0, fault, unwritten: null }
    }
  }

  #open(id: Hex): Promise<Space> {
    const opening = this.#spaceInit().then((init) => {
      return Space.open({ ...init, folder: join(this.#folder, id) }, fromHex(id))
    })
    this.#spaces.set(id, opening)
    // What keeps it closed may be over the next time.
    opening.catch(() => this.#spaces.delete(id))
    return opening
  }

  async #spaceInit(): Promise<SpaceInit> {
    if (this.#isClosed) throw new ShoalError('ERR_NODE_STOPPED', 'Shoal was stopped')
    const { clock, random } = this.#init
    this.#secrets ??= this.#loadSecrets()
    this.#secrets.catch(() => (this.#secrets = undefined))
    return { folder: this.#folder, secrets: await this.#secrets, clock, random }
  }

  async #loadSecrets(): Promise<DeviceSecrets> {
    const { home, random } = this.#init
    const { privateKey } = await loadIdentity(home)
    const instances = await loadInstances(home, random)
    try {
      const made = await makeFolder(this.#folder, FOLDER_MODE)
      if (made !== undefined) await syncFolder(home)
    } catch (error) {
      throw diskError(error, `making ${this.#folder}`)
    }
    return { identitySeed: privateKey.subarray(0, SEED_BYTES), instances }
  }

  #makeFolder(id: Hex): string {
    if (this.ids().length >= MAX_SPACES)
      throw new ShoalError('ERR_LIMIT', `there are ${MAX_SPACES} spaces in this home already`)
    const folder = join(this.#folder, id)
    try {
      mkdirSync(folder, FOLDER_MODE)
    } catch (error) {
      throw diskError(error, `making ${folder}`)
    }
    return folder
  }
}

/** @throws ShoalError ERR_PROTOCOL before its first operation came */
export function summaryOf(space: Space): SpaceSummary {
  const { name, members } = space.state
  const { contents, bytes } = space.reader.totals()
  return {
    id: toHex(space.id),
    name,
    role: members.get(toHex(space.device.author.publicKey))?.role ?? null,
    members: members.size,
    entries: contents,
    bytes,
    fault: null,
    unwritten: space.unwritten?.toJSON() ?? null,
  }
}

function unknown(): ShoalError {
  return new ShoalError('ERR_SPACE_UNKNOWN', 'there is no such space here')
}
