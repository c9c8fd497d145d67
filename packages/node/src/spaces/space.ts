/**
 * One space on this device: its auth log, its catalogue and its keys, kept up with each other. It knows of no network: what it
 * writes is given to others, and what comes from them is given to it, as frames in any order.
 */
import { join } from 'node:path'
import { isShoalError, type ShoalError } from '../errors.ts'
import type { Clock, Random } from '../util/seams.ts'
import { Turns } from '../util/turns.ts'
import { fromHex, toHex } from './auth/action-codec.ts'
import type { Action, Genesis, Hex } from './auth/action.ts'
import { MAX_PINNED_HEADS, type LogLimits } from './auth/limits.ts'
import { encodeOperation } from './auth/operation.ts'
import type { AuthState } from './auth/state.ts'
import type { EntryContent, Operation } from './catalogue/operations.ts'
import { Ed25519Verifier } from './catalogue/verifier.ts'
import { KeyKeeper } from './keys/key-keeper.ts'
import { unwrapShareKey, wrapShareKey } from './keys/share-key.ts'
import { KEY_BYTES } from './keys/derive.ts'
import { LogAuth } from './log-auth.ts'
import { succession, type Succession } from './succession.ts'
import { spaceDevice, type DeviceSecrets, type SpaceDevice } from './space-device.ts'
import { AuthStore, type AuthOutcome } from './storage/auth-store.ts'
import type { Outcome } from './storage/intake.ts'
import { SpaceReader } from './storage/space-reader.ts'
import { SpaceStore, type Check } from './storage/space-store.ts'

export interface SpaceInit {
  /** Folder of this space; it exists. */
  readonly folder: string
  readonly secrets: DeviceSecrets
  readonly random: Random
  readonly clock: Pick<Clock, 'now'>
  /** Of its auth log. @defaultValue LOG_LIMITS */
  readonly limits?: LogLimits
}

/** A share whose files are put into a space. */
export interface SharedContent extends Omit<EntryContent, 'wrappedKey' | 'epoch'> {
  /** Of a private share, 32 bytes; undefined of a public one. */
  readonly key: Uint8Array | undefined
}

/** What a space is kept in. */
export interface SpaceParts {
  readonly auth: Pick<AuthStore, 'log' | 'frame' | 'met'>
  readonly store: Pick<SpaceStore, 'counted' | 'frame' | 'wanted'>
  readonly keys: Pick<KeyKeeper, 'epochKeys'>
}

/** A piece of an auth log. */
export interface AuthPage {
  /** Operations that there are now. */
  readonly total: number
  readonly frames: readonly Uint8Array[]
}

const AGREEMENT = 1
const NOTHING = new Uint8Array()

export class Space {
  /** 32 bytes. */
  readonly id: Uint8Array
  /** To look at what is in it. */
  readonly reader: SpaceReader
  readonly #init: SpaceInit
  readonly #auth: AuthStore
  readonly #store: SpaceStore
  #device: SpaceDevice
  #keys: KeyKeeper
  #unwritten: ShoalError | undefined
  readonly #turns = new Turns()

  /**
   * Opens a space, or begins to keep one of which only the id is known; then nothing can be written before its log came.
   *
   * @throws ShoalError as `openDatabase`
   */
  static async open(init: SpaceInit, id: Uint8Array): Promise<Space> {
    const auth = authStore(init, init.folder, toHex(id))
    let space: Space
    try {
      space = new Space(init, id, auth)
    } catch (error) {
      auth.close()
      throw error
    }
    try {
      await space.#keep()
    } catch (error) {
      space.close()
      throw error
    }
    return space
  }

  /** Founds a space, of which this device is the only founder. @throws ShoalError as `open`, ERR_OPTIONS_INVALID for a name */
  static async found(init: SpaceInit, name: string, folderOf: (id: Uint8Array) => string): Promise<Space> {
    const nonce = init.random.bytes(KEY_BYTES)
    const { author, sealings } = spaceDevice(init.secrets, nonce)
    const [sealing] = sealings
    const founder = { key: toHex(author.publicKey), sealing: toHex(sealing.publicKey) }
    const action = {
      type: 'genesis',
      name,
      nonce: toHex(nonce),
      agreement: AGREEMENT,
      founders: [founder],
    } as const
    const genesis = encodeOperation({ space: undefined, author: founder.key, prev: [], action }, author.sign)
    const id = fromHex(genesis.id)
    const folder = folderOf(id)
    const auth = authStore(init, folder, genesis.id)
    try {
      auth.receive([genesis.frame])
    } finally {
      auth.close()
    }
    return await Space.open({ ...init, folder }, id)
  }

  private constructor(init: SpaceInit, id: Uint8Array, auth: AuthStore) {
    this.#init = init
    this.id = id
    this.#auth = auth
    this.#device = spaceDevice(init.secrets, id, genesisOf(auth))
    const file = join(init.folder, 'catalogue.db')
    this.#store = new SpaceStore({
      file,
      space: id,
      auth: new LogAuth(
        () => this.#auth.log,
        (batch) => {
          const facts = this.#store.facts(fromHex(batch))
          return facts && { author: toHex(facts.author), parents: facts.parents.map(toHex) }
        },
      ),
      verifier: new Ed25519Verifier(),
    })
    try {
      this.reader = new SpaceReader(file)
    } catch (error) {
      this.#store.close()
      throw error
    }
    this.#keys = this.#keeper()
  }

  /** What this device signs with in it, and what is sealed to it. */
  get device(): SpaceDevice {
    return this.#device
  }

  /**
   * What kept this device from writing what the log asks of it, such as a new key; undefined when nothing did. It is tried again
   * with the next change of the log and when the space is opened. Until then nothing is sealed for those who were put out.
   */
  get unwritten(): ShoalError | undefined {
    return this.#unwritten
  }

  /** Who is in it and what counts. @throws ShoalError ERR_PROTOCOL before its first operation came */
  get state(): AuthState {
    return this.#auth.log.state
  }

  /** For who brings this device and others to the same. */
  get parts(): SpaceParts {
    return { auth: this.#auth, store: this.#store, keys: this.#keys }
  }

  /** Frames of all operations of the auth log that are named. */
  authFrames(ids: readonly Hex[]): Uint8Array[] {
    return ids.flatMap((id) => this.#auth.frame(id) ?? [])
  }

  /** Ids of all operations of the auth log, each after those before it. */
  authIds(): Hex[] {
    const { graph } = this.#auth.log.facts
    return Array.from({ length: graph.size }, (_, number) => graph.id(number))
  }

  /** Operations of the auth log from one on, each after those before it, and how many there are: a bounded piece, at least one. */
  authPage(from: number, most: { operations: number; bytes: number }): AuthPage {
    const { graph } = this.#auth.log.facts
    const frames: Uint8Array[] = []
    let bytes = 0
    for (let number = from; number < graph.size && frames.length < most.operations; number++) {
      const frame = this.#auth.frame(graph.id(number))
      if (frame === undefined || (frames.length > 0 && bytes + frame.byteLength > most.bytes)) break
      bytes += frame.byteLength
      frames.push(frame)
    }
    return { total: graph.size, frames }
  }

  /** A batch as it travels; undefined when it is not here. */
  batchFrame(id: Uint8Array): Uint8Array | undefined {
    return this.#store.frame(id)
  }

  stateHash(): string {
    return this.#store.stateHash()
  }

  /** Replays the catalogue and compares. */
  check(): Check {
    return this.#store.check()
  }

  /** Takes operations of the auth log, and writes what they make necessary: a new key when somebody is out. */
  async takeAuth(frames: readonly Uint8Array[]): Promise<AuthOutcome[]> {
    const isNew = genesisOf(this.#auth) === undefined
    const outcomes = this.#auth.receive(frames)
    const genesis = isNew ? genesisOf(this.#auth) : undefined
    if (genesis !== undefined) {
      // Only now it can be told if this home was among those who founded it, before it was brought back.
      this.#device = spaceDevice(this.#init.secrets, this.id, genesis)
      this.#keys = this.#keeper()
    }
    await this.#keep()
    return outcomes
  }

  /** Takes batches of the catalogue. */
  takeBatches(frames: readonly Uint8Array[]): Outcome[] {
    return this.#store.receive(frames)
  }

  /**
   * Writes into the auth log.
   *
   * @throws ShoalError ERR_SPACE_ROLE, ERR_LIMIT, ERR_OPTIONS_INVALID
   */
  async act(action: Exclude<Action, Genesis>): Promise<void> {
    this.#auth.write({ key: this.device.author.publicKey, sign: this.device.author.sign }, action)
    await this.#keep()
  }

  /** Puts a member out. What it wrote and this device knows stays. @throws as `act` */
  async remove(member: Hex): Promise<void> {
    await this.act({ type: 'remove', member, after: this.pinnedHeads() })
  }

  /** Heads of the data that this device knows, as what takes power from a member names them. */
  pinnedHeads(): Hex[] {
    return this.#store.heads().slice(0, MAX_PINNED_HEADS).map(toHex)
  }

  /**
   * Writes a batch into the catalogue.
   *
   * @returns the batch as it travels
   * @throws ShoalError as `SpaceStore.write`
   */
  write(operations: readonly Operation[]): Uint8Array {
    const { publicKey: key, sign } = this.device.author
    return this.#store.write({ key, sign }, operations, this.#auth.log.heads.map(fromHex))
  }

  /** A share as the content of an entry. @throws ShoalError ERR_NO_SPACE_KEY when the present key is not here */
  contentOf({ key, ...facts }: SharedContent): EntryContent {
    if (key === undefined) return { ...facts, wrappedKey: NOTHING, epoch: NOTHING }
    const place = { space: this.id, root: facts.root }
    const wrapped = wrapShareKey(key, place, this.#keys.sending(), this.#init.random)
    return { ...facts, epoch: wrapped.slice(0, KEY_BYTES), wrappedKey: wrapped.slice(KEY_BYTES) }
  }

  /**
   * Key of the share that an entry is part of; undefined of a public one.
   *
   * @throws ShoalError ERR_NO_SPACE_KEY when this device has not got the key it is wrapped by, ERR_CONTENT_INVALID
   */
  keyOf({ root, epoch, wrappedKey }: EntryContent): Uint8Array | undefined {
    if (wrappedKey.byteLength === 0) return undefined
    return unwrapShareKey(Buffer.concat([epoch, wrappedKey]), { space: this.id, root }, this.#keys.ring)
  }

  close(): void {
    this.reader.close()
    this.#store.close()
    this.#auth.close()
  }

  #keeper(): KeyKeeper {
    return new KeyKeeper({
      space: this.id,
      device: this.#device,
      random: this.#init.random,
      clock: this.#init.clock,
      log: () => this.#auth.log,
      cameAtMs: (operation) => this.#auth.cameAtMs(operation),
    })
  }

  /** Brings catalogue and keys up with the auth log, and writes what has to be announced. */
  #keep(): Promise<void> {
    // One after the other: two at once would announce a key each.
    return this.#turns.run('keys', undefined, () => this.#keepNow())
  }

  async #keepNow(): Promise<void> {
    if (this.#auth.log.facts.graph.size === 0) return
    this.#unwritten = undefined
    await this.#write(async () => succession(this.#auth.log, this.device))
    this.#store.judgeAgain()
    await this.#keys.update()
    await this.#write(async () => {
      const action = await this.#keys.due()
      return action && { by: this.device.author, action }
    })
    await this.#keys.update()
    this.#store.judgeAgain()
  }

  /** Writes what is due. Where it cannot be, what is here can still be read, and what others write be taken. */
  async #write(due: () => Promise<Succession | undefined>): Promise<void> {
    try {
      const found = await due()
      if (found !== undefined)
        this.#auth.write({ key: found.by.publicKey, sign: found.by.sign }, found.action)
    } catch (error) {
      if (!isShoalError(error)) throw error
      this.#unwritten = error
    }
  }
}

function authStore({ clock, limits }: SpaceInit, folder: string, space: Hex): AuthStore {
  return new AuthStore({ file: join(folder, 'auth.db'), space, clock, ...(limits && { limits }) })
}

/** The first operation, if it is here. */
function genesisOf(auth: AuthStore): Genesis | undefined {
  const { graph } = auth.log.facts
  return graph.size === 0 ? undefined : (graph.action(0) as Genesis)
}
