/**
 * Keeps the keys of a space up with its auth log, and says what this device has to announce: a new key when one is needed, the
 * present one to those who have not got it.
 */
import type { Clock, Random } from '../../util/seams.ts'
import { fromHex, toHex } from '../auth/action-codec.ts'
import type { Hex, KeyNotice } from '../auth/action.ts'
import type { AuthLog } from '../auth/log.ts'
import { stateAfter } from '../auth/past.ts'
import { levelOf, MANAGE } from '../auth/roles.ts'
import type { AuthState } from '../auth/state.ts'
import { isShoalError, ShoalError } from '../../errors.ts'
import type { SpaceDevice } from '../space-device.ts'
import { announceEpoch, readAnnouncement, type HeldEpoch } from './epoch.ts'
import { isExposed } from './exposure.ts'
import { isSealingKey } from './hpke.ts'
import { KeyRing } from './key-ring.ts'
import { resealEpoch } from './reseal.ts'
import { missingRecipients, rotationReasons, type RotationDevice } from './rotation.ts'

export interface KeyKeeperInit {
  readonly space: Uint8Array
  readonly device: SpaceDevice
  readonly random: Random
  readonly clock: Pick<Clock, 'now'>
  readonly log: () => AuthLog
  /** When an operation came, in milliseconds since 1970. */
  readonly cameAtMs: (operation: Hex) => number
}

export class KeyKeeper {
  readonly #init: KeyKeeperInit
  readonly #ring: KeyRing
  /** Operations that the ring was given. */
  readonly #given = new Set<Hex>()
  /** By id of the epoch, the operation that announced it. */
  readonly #announcedBy = new Map<Hex, Hex>()
  /** Sealing keys, and whether anything can be sealed to them. */
  readonly #canSeal = new Map<Hex, boolean>()
  #before: { readonly operation: Hex; readonly devices: readonly RotationDevice[] } | undefined

  constructor(init: KeyKeeperInit) {
    this.#init = init
    this.#ring = new KeyRing(init.space, init.device.sealings)
  }

  /** To read what was wrapped. */
  get ring(): Pick<KeyRing, 'keyOf'> {
    return this.#ring
  }

  /** Takes what the log says about keys since this was called last. */
  async update(): Promise<void> {
    for (const { id, by, type, body } of this.#init.log().state.notices) {
      if (this.#given.has(id)) continue
      this.#given.add(id)
      try {
        const author = fromHex(by)
        // oxlint-disable-next-line no-await-in-loop -- Each may follow the one before.
        if (type === 'reseal') await this.#ring.addReseal(body, author)
        else {
          // oxlint-disable-next-line no-await-in-loop -- As above.
          await this.#ring.addEpoch(body, author)
          const epoch = toHex(readAnnouncement(body, this.#init.space, author).id)
          // The first stays: who copies an announcement does not become its author.
          if (!this.#announcedBy.has(epoch)) this.#announcedBy.set(epoch, id)
        }
      } catch (error) {
        // A member that writes nonsense about keys harms nobody else.
        if (!(error instanceof ShoalError)) throw error
      }
    }
  }

  /**
   * The key to wrap by.
   *
   * @throws ShoalError ERR_NO_SPACE_KEY when this device has not got the present one, or somebody has it who was put out:
   *   what is added would be told to those who were removed
   */
  sending(): { readonly id: Uint8Array; readonly key: Uint8Array } {
    const sending = this.#ring.sending(this.#counts())
    if (sending === undefined)
      throw new ShoalError('ERR_NO_SPACE_KEY', 'this device has not got the present key of the space')
    if (isExposed(this.#ring.recipientsOf(sending.id), this.#init.log().state))
      throw new ShoalError(
        'ERR_NO_SPACE_KEY',
        'the present key of the space is also with somebody who was put out, and there is no new one yet',
      )
    return sending
  }

  /**
   * Keys by which devices of the space recognise each other. `present`: that of the newest epoch, where nobody has it who was put
   * out. `others`: of the newest before it, at most so many.
   */
  epochKeys(most: number): {
    readonly present: Uint8Array | undefined
    readonly others: readonly Uint8Array[]
  } {
    const present = this.#presentKey()
    const keys = this.#ring.newest(most + 1).map(({ key }) => key)
    return { present, others: keys.filter((key) => key !== present).slice(0, most) }
  }

  #presentKey(): Uint8Array | undefined {
    if (this.#init.log().facts.graph.size === 0) return undefined
    try {
      return this.sending().key
    } catch (error) {
      if (!isShoalError(error, 'ERR_NO_SPACE_KEY')) throw error
      return undefined
    }
  }

  /**
   * What this device has to write into the log now, if anything; `update` comes first.
   *
   * @throws ShoalError ERR_LIMIT when it has announced as many keys as one device may
   */
  async due(): Promise<KeyNotice | undefined> {
    const { state } = this.#init.log()
    const own = state.members.get(toHex(this.#init.device.author.publicKey))
    if (own === undefined || levelOf(own.role) < MANAGE) return undefined
    const latest = this.#ring.latest(this.#counts())
    const now = await this.#sealable(devicesOf(state))
    const recipients = latest && this.#ring.recipientsOf(latest.id)
    const reasons = rotationReasons({
      recipients,
      before: latest === undefined ? [] : await this.#sealable(this.#devicesBefore(latest)),
      now,
      isBroken: latest !== undefined && this.#ring.stateOf(latest.id) === 'broken',
      ageMs: latest === undefined ? 0 : this.#ageMs(latest),
    })
    const { space, device, random } = this.#init
    const common = { space, author: device.author.publicKey, random }
    if (reasons.length > 0) {
      // Beyond it nobody would take what is announced, and this would be due for ever.
      this.#ring.checkRoom(device.author.publicKey)
      const readers = missingRecipients({ recipients: undefined, now }).map(({ sealing }) => fromHex(sealing))
      const { bytes } = await announceEpoch({
        ...common,
        predecessors: this.#ring.heads(),
        recipients: readers,
      })
      return { type: 'epoch', body: bytes }
    }
    const missing = missingRecipients({ recipients, now }).map(({ sealing }) => fromHex(sealing))
    if (latest?.key === undefined || missing.length === 0) return undefined
    const { bytes } = await resealEpoch({ ...common, epoch: latest.id, key: latest.key, recipients: missing })
    return { type: 'reseal', body: bytes }
  }

  #counts(): (epoch: Uint8Array) => boolean {
    const valid = new Set(this.#init.log().state.notices.map(({ id }) => id))
    return (epoch) => valid.has(this.#announcedBy.get(toHex(epoch)) ?? '')
  }

  #ageMs({ id }: HeldEpoch): number {
    const operation = this.#announcedBy.get(toHex(id)) as Hex
    return this.#init.clock.now() - this.#init.cameAtMs(operation)
  }

  /** The devices for whoever announced this epoch. */
  #devicesBefore({ id }: HeldEpoch): readonly RotationDevice[] {
    const operation = this.#announcedBy.get(toHex(id)) as Hex
    if (this.#before?.operation !== operation) {
      this.#before = { operation, devices: devicesOf(stateAfter(this.#init.log(), operation)) }
    }
    return this.#before.devices
  }

  /** Without those that nothing can be sealed to: they would be announced to for ever. */
  async #sealable(devices: readonly RotationDevice[]): Promise<RotationDevice[]> {
    for (const { sealing } of devices) {
      if (this.#canSeal.has(sealing)) continue
      // oxlint-disable-next-line no-await-in-loop -- A new device now and then.
      this.#canSeal.set(sealing, await isSealingKey(fromHex(sealing), this.#init.random))
    }
    return devices.filter(({ sealing }) => this.#canSeal.get(sealing) === true)
  }
}

function devicesOf({ members }: AuthState): RotationDevice[] {
  return [...members].map(([author, { role, sealing }]) => ({ author, role, sealing }))
}
