/** Reads what stands in the places of `shoal space`. Who reads one throws ERR_USAGE for what is none. */
import { closest } from '../closest.ts'
import { USAGE } from '../strings/errors.ts'
import { SPACE_USAGE } from '../strings/space-errors.ts'
import { isLink, usageError, withoutKey } from '../usage-errors.ts'

/** Beginnings of ids are at least so long. */
const ID = /^[0-9a-f]{4,64}$/

/** What is in no way empty. */
export function filled(text: string, place: string): string {
  if (text === '') throw usageError(USAGE.empty(place))
  return text
}

/** What has no more than so many bytes. */
export function within(text: string, place: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text
  throw usageError(SPACE_USAGE.tooLong(place, bytes), SPACE_USAGE.tooLongHint)
}

export function spaceRef(text: string): string {
  if (isLink(text)) throw usageError(SPACE_USAGE.linkAsSpace, SPACE_USAGE.linkAsSpaceHint)
  return filled(text, 'SPACE')
}

/** A path in a space. People begin it with a slash as they do on a disk; the slash alone is all of it. */
export function inSpace(text: string, place = 'PATH'): string {
  return filled(text, place).replace(/^\/+/, '')
}

/** A beginning of the id of a change. */
export function changeId(text: string): string {
  const id = text.toLowerCase()
  if (!ID.test(id)) throw usageError(SPACE_USAGE.change(withoutKey(text)), SPACE_USAGE.changeHint)
  return id
}

export function oneOf<Role extends string>(text: string, place: string, roles: readonly Role[]): Role {
  const role = roles.find((known) => known === text.toLowerCase())
  if (role !== undefined) return role
  const best = closest(text, roles)
  const hint = best === undefined ? SPACE_USAGE.roleHint(roles) : USAGE.didYouMean(best)
  throw usageError(SPACE_USAGE.role(place, withoutKey(text)), hint)
}

export function uses(text: string, flag: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : 0
  if (count < 1 || !Number.isSafeInteger(count)) throw usageError(SPACE_USAGE.uses(flag, withoutKey(text)))
  return count
}
