/** Plain lines of `shoal space`: what a log keeps, one exact fact a line. A test holds all files here to the word list. */
import { formatInstant } from '../format.ts'
import { devices, files, joined } from './words.ts'

/** In place of what there is not. */
export const NONE = '-'

export const SPACES_PLAIN = {
  none: 'space: none',
  created: (name: string) => `space ${name}: created`,
  empty: (name: string) => `space ${name}: empty`,
  noMatch: (name: string) => `space ${name}: nothing matches`,
  moreMatches: (name: string, shown: number, total: number, isCut: boolean) =>
    `space ${name}: ${shown} of ${isCut ? 'more than ' : ''}${total} that match`,
  changed: (name: string, action: string, count: number) => `space ${name}: ${action}, ${files(count)}`,
  unchanged: (name: string, action: string) => `space ${name}: ${action}, nothing had to be changed`,
  reading: (name: string) => `space ${name}: reading`,
  read: (name: string, percent: string, bytes: number) => `space ${name}: ${percent} read, ${bytes} bytes`,
  exported: (name: string, count: number) => `space ${name}: exported, ${files(count)}`,
  role: (name: string, member: string, role: string) => `space ${name}: ${member} is ${role}`,
  removed: (name: string, member: string) => `space ${name}: ${member} was put out, and keeps what it has`,
  left: (name: string) => `space ${name}: left, what is here stays`,
  invited: (name: string, uses: number, role: string, expires: number | null) =>
    `space ${name}: ${joined(
      'invitation',
      devices(uses),
      role,
      expires === null ? 'without end' : `until ${formatInstant(expires) ?? NONE}`,
    )}`,
  noInvitations: (name: string) => `space ${name}: no invitations`,
  revoked: (name: string, id: string) => `space ${name}: invitation ${id} was revoked`,
  searching: (name: string) => `space ${name === '' ? NONE : name}: looking for the device that invited`,
  code: (name: string, code: string) => `space ${name === '' ? NONE : name}: code ${code}, to be approved`,
  joined: (name: string, isNew: boolean) => `space ${name}: ${isNew ? 'joined' : 'joined before'}`,
  noRequests: (name: string) => `space ${name}: no device asks to be let in`,
  decided: (name: string, id: string, state: string) => `space ${name}: request ${id} was ${state}`,
  started: (pid: number) => `shoal daemon: started, pid ${pid}`,
  endedAgain: 'shoal daemon: ended again',
  sound: (isSound: boolean) => (isSound ? 'sound' : 'unsound'),
  counts: (counts: boolean) => (counts ? 'counts' : 'void'),
  self: 'self',
  instant: (isInstant: boolean) => (isInstant ? 'instant' : 'approval'),
  /** Fields for scripts, separated by tabs; none has one of its own, for they are escaped. */
  row: (fields: readonly (string | number)[]) =>
    fields.map((field) => (field === '' ? NONE : field)).join('\t'),
} as const
