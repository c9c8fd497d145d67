/**
 * Devices met before: those with which a transfer worked, and what they served. Kept in one file of the home, which is
 * read when somebody first asks and written a while after a change.
 *
 *     const book = new AddressBook({ file: join(home, 'peers.json'), disk, seams, mayDial, onWarning })
 *     sources.push(new SeenSource(book))            // address-book-source.ts
 *     book.worked({ peerId, addresses, digest })    // a verified block came
 *     book.lacked(peerId, digest)                   // the device said that it does not have it
 *     await book.close()                            // writes what is not written yet
 */
import { diskError, systemCode } from '../errors.ts'
import type { Disk } from '../store/disk.ts'
import { keepNewest } from '../util/keep-newest.ts'
import type { Seams, TimerHandle } from '../util/seams.ts'
import { decodeBook, encodeBook, isAddressOf, type KnownDevice } from './address-book-file.ts'
import { ADDRESS_BOOK_LIMITS as LIMITS } from './limits.ts'

export interface AddressBookWarning {
  readonly code: 'WARN_ADDRESS_BOOK'
  readonly message: string
}

export interface AddressBookInit {
  readonly file: string
  readonly disk: Pick<Disk, 'readStart' | 'replaceFile' | 'rename'>
  readonly seams: Pick<Seams, 'clock' | 'timers'>
  /** Which addresses the rules of the network let be dialled. Others are kept, for a run on another network, and not given out. */
  readonly mayDial: (address: string) => boolean
  readonly onWarning: (warning: AddressBookWarning) => void
}

/** A transfer that worked. */
export interface Meeting {
  readonly peerId: string
  /** Multiaddrs that we dialled with success. None where the device dialled us: where it can be reached is not known then. */
  readonly addresses: readonly string[]
  /** Provider key of what it served to us, 32 bytes. */
  readonly digest?: Uint8Array
}

export class AddressBook {
  readonly #init: AddressBookInit
  /** In the order in which they were seen, the last at the end. */
  readonly #devices = new Map<string, KnownDevice>()
  /** Keys that devices lack, of this run only. */
  readonly #lacked = new Map<string, Set<string>>()
  #loading: Promise<void> | undefined
  #timer: TimerHandle | undefined
  #saving: Promise<void> = Promise.resolve()
  #isChanged = false
  #isClosed = false
  #hasWarned = false

  constructor(init: AddressBookInit) {
    this.#init = init
  }

  /** Notes a transfer that worked. */
  worked(meeting: Meeting): void {
    const seenMs = this.#init.seams.clock.now()
    void this.#load().then(() => this.#note(meeting, seenMs))
  }

  /** Notes that a device said that it does not have a content, for as long as this node runs. */
  lacked(peerId: string, digest: Uint8Array): void {
    const keys = this.#lacked.get(peerId) ?? new Set()
    this.#lacked.delete(peerId)
    this.#lacked.set(peerId, keys)
    keepNewest(this.#lacked, LIMITS.maxDevices)
    keys.add(keyOf(digest))
    keepNewest(keys, LIMITS.maxLacked)
  }

  /**
   * Devices to ask for a content: those that served it before, then a few of those seen last that are not known to lack
   * it. The last seen first.
   */
  async candidates(digest: Uint8Array): Promise<KnownDevice[]> {
    await this.#load()
    this.#forgetOld()
    const key = keyOf(digest)
    const { mayDial } = this.#init
    const known = [...this.#devices.values()]
      .toReversed()
      .map((device) => ({ ...device, addresses: device.addresses.filter(mayDial) }))
      .filter(({ addresses }) => addresses.length > 0)
    const servers = known.filter(({ served }) => served.includes(key))
    const others = known.filter(
      ({ peerId, served }) => !served.includes(key) && this.#lacked.get(peerId)?.has(key) !== true,
    )
    return [...servers, ...others.slice(0, LIMITS.maxGuesses)]
  }

  /** Writes what is not written yet. What is noted afterwards is forgotten. */
  async close(): Promise<void> {
    await this.#loading
    this.#isClosed = true
    if (this.#timer !== undefined) this.#init.seams.timers.clear(this.#timer)
    this.#save()
    await this.#saving
  }

  #note({ peerId, addresses, digest }: Meeting, seenMs: number): void {
    if (this.#isClosed) return
    const before = this.#devices.get(peerId)
    const worked = addresses.filter((address) => isAddressOf(peerId, address))
    const served = digest === undefined ? [] : [keyOf(digest)]
    this.#devices.delete(peerId)
    this.#devices.set(peerId, {
      peerId,
      addresses: newestFirst(worked, before?.addresses ?? [], LIMITS.maxAddresses),
      seenMs,
      served: newestFirst(served, before?.served ?? [], LIMITS.maxServed),
    })
    for (const key of served) this.#lacked.get(peerId)?.delete(key)
    keepNewest(this.#devices, LIMITS.maxDevices)
    this.#isChanged = true
    this.#timer ??= this.#init.seams.timers.set(() => {
      this.#timer = undefined
      this.#save()
    }, LIMITS.saveDelayMs)
  }

  #load(): Promise<void> {
    this.#loading ??= this.#read()
    return this.#loading
  }

  /** Does not throw: without the book the other ways of finding remain. */
  async #read(): Promise<void> {
    const { file, disk } = this.#init
    let bytes: Uint8Array
    try {
      bytes = await disk.readStart(file, LIMITS.maxFileBytes)
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') this.#warn('reading', error)
      return
    }
    const devices = decodeBook(bytes)
    if (devices === undefined) {
      await this.#putAside()
      return
    }
    for (const device of devices.toSorted((a, b) => a.seenMs - b.seenMs))
      this.#devices.set(device.peerId, device)
    this.#forgetOld()
  }

  async #putAside(): Promise<void> {
    const { file, disk, onWarning } = this.#init
    const aside = `${file}.damaged`
    try {
      await disk.rename(file, aside)
      const message = `the list of devices met before was damaged and begins anew; the old one is ${aside}`
      onWarning({ code: 'WARN_ADDRESS_BOOK', message })
    } catch (error) {
      this.#warn('putting aside', error)
    }
  }

  /** Also those of a time to come: the clock was wrong then, and they would stay for ever. */
  #forgetOld(): void {
    const nowMs = this.#init.seams.clock.now()
    for (const [peerId, { seenMs }] of this.#devices) {
      if (Math.abs(nowMs - seenMs) > LIMITS.maxAgeMs) this.#devices.delete(peerId)
    }
  }

  #save(): void {
    if (!this.#isChanged) return
    this.#isChanged = false
    const bytes = encodeBook([...this.#devices.values()])
    const { file, disk } = this.#init
    this.#saving = this.#saving
      .then(() => disk.replaceFile(file, bytes))
      .catch((error: unknown) => this.#warn('writing', error))
  }

  #warn(doing: string, error: unknown): void {
    if (this.#hasWarned) return
    this.#hasWarned = true
    const { message } = diskError(error, `${doing} ${this.#init.file}`) as Error
    this.#init.onWarning({
      code: 'WARN_ADDRESS_BOOK',
      message: `devices met before are not remembered: ${message}`,
    })
  }
}

function keyOf(digest: Uint8Array): string {
  return Buffer.from(digest.buffer, digest.byteOffset, digest.byteLength).toString('base64url')
}

function newestFirst(fresh: readonly string[], known: readonly string[], most: number): string[] {
  return [...new Set([...fresh, ...known])].slice(0, most)
}
