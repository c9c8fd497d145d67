/**
 * When a space needs a new epoch key, and who is still to get the present one: pure functions of what the auth log and the
 * key ring say. Who may announce is for the auth log; several who do so at once do no harm, since the next epoch follows all
 * of theirs.
 */
import { ROTATE_AFTER_MS } from './limits.ts'

/** The roles that hold epoch keys, weakest first. `pull` holds none: it stores what it cannot read. */
const READER_ROLES = ['read', 'write', 'manage', 'founder'] as const

/** A device as the auth log has it. Keys in hex. */
export interface RotationDevice {
  readonly author: string
  readonly sealing: string
  readonly role: 'pull' | (typeof READER_ROLES)[number]
}

export interface RotationInit {
  /** Sealing keys, in hex, that the present key was sealed to; undefined when there is no key yet. */
  readonly recipients: ReadonlySet<string> | undefined
  /** The devices when the present key was announced. */
  readonly before: readonly RotationDevice[]
  /** The devices now, those removed or reported lost left out. */
  readonly now: readonly RotationDevice[]
  /** Was it sealed to this device, and does not open? A manager that lies must not silence a space. */
  readonly isBroken: boolean
  /** For how long this device has known the present key, in milliseconds, by its own clock. */
  readonly ageMs: number
}

/**
 * `first`: there is none. `removed`: a device that could read is gone or has another sealing key. `demoted`: a device may do
 * less than before. `exposed`: the key was sealed to somebody who is no reader, as when it was announced while
 * another removed them. `broken`: it was announced so that it does not open. `age`: it has been used for long enough.
 */
export type RotationReason = 'first' | 'removed' | 'demoted' | 'exposed' | 'broken' | 'age'

/** Why a new key is needed; none when it is not. */
export function rotationReasons(init: RotationInit): RotationReason[] {
  const { recipients, before, now, isBroken, ageMs } = init
  if (recipients === undefined) return ['first']
  const present = new Map(now.map((device) => [device.author, device]))
  const readers = new Set(now.filter(isReader).map(({ sealing }) => sealing))
  const isGone = ({ author, sealing }: RotationDevice): boolean => present.get(author)?.sealing !== sealing
  const isDemoted = (device: RotationDevice): boolean => {
    const role = present.get(device.author)?.role
    return role !== undefined && rankOf(role) < rankOf(device.role)
  }
  const reasons: RotationReason[] = []
  if (before.filter(isReader).some(isGone)) reasons.push('removed')
  if (before.some(isDemoted)) reasons.push('demoted')
  if ([...recipients].some((sealing) => !readers.has(sealing))) reasons.push('exposed')
  if (isBroken) reasons.push('broken')
  if (ageMs >= ROTATE_AFTER_MS) reasons.push('age')
  return reasons
}

/** Readers that the present key was not sealed to: a reseal is for them, while no new key is needed. */
export function missingRecipients({
  recipients,
  now,
}: Pick<RotationInit, 'recipients' | 'now'>): RotationDevice[] {
  return now.filter((device) => isReader(device) && recipients?.has(device.sealing) !== true)
}

function isReader({ role }: RotationDevice): boolean {
  return rankOf(role) >= 0
}

function rankOf(role: RotationDevice['role']): number {
  return role === 'pull' ? -1 : READER_ROLES.indexOf(role)
}
