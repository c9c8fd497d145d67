/**
 * What `shoal space` tells people on a terminal. A test holds all files here to the word list of the interface: words of the
 * machine room (root, peer, hash, ...) do not appear in them.
 */
import type { SpaceEvent, SpaceRole } from '@shoal/node/control'
import { formatBytes, formatCount, formatTime } from '../format.ts'
import { devices, files, joined } from './words.ts'

export const ROLE_WORDS = {
  pull: 'Storage helper',
  read: 'Viewer',
  write: 'Editor',
  manage: 'Manager',
  founder: 'Owner',
} as const satisfies Record<SpaceRole, string>

const members = (count: number): string => formatCount(count, 'member', 'members')
const quoted = (text: string | null): string => `"${text ?? ''}"`

/** What was changed; names and paths are escaped. */
export const SPACE_CHANGES = {
  add: (count: number, space: string) => `Put ${files(count)} into ${space}.`,
  mv: (count: number) => `Moved ${files(count)}.`,
  rm: (count: number, space: string) =>
    `Took ${files(count)} out of ${space}. What is on this device stays as it is.`,
  restore: (count: number, space: string) => `Brought ${files(count)} back into ${space}.`,
  tag: (count: number) => `Tagged ${files(count)}.`,
  untag: (count: number) => `Took tags away from ${files(count)}.`,
  note: () => 'The note is written.',
  title: () => 'The title is given.',
  undo: (count: number) => `Undone. ${formatCount(count, 'file is', 'files are')} as before.`,
} as const satisfies Record<string, (count: number, space: string) => string>

export const SPACES = {
  none: 'A space is a folder that a group keeps together. Everyone sees the list, also offline; files come when asked for. To start one: shoal space create NAME',
  created: (name: string, ref: string) =>
    `${name} is a space now. To put files in: shoal space add ${ref} PATH`,
  /** Said once in a home: an export is of all its spaces. */
  keepCopy:
    'Only this device owns it. If it is lost, nobody can manage the space any more: keep a copy of its identity with shoal id export FILE',
  row: (summary: { entries: number; bytes: number; members: number }) =>
    joined(files(summary.entries), formatBytes(summary.bytes), members(summary.members)),
  /** In place of a role. */
  left: 'not a member any more',
  thisDevice: 'this device',
  /** The same at the beginning of a sentence. */
  thisDeviceFirst: 'This device',
  device: (id: string) => `Device ${id}`,
  here: 'here',
  listed: 'listed',
  empty: (ref: string) => `Nothing here yet. To put files in: shoal space add ${ref} PATH`,
  /** Word for word as in the interface brief. */
  noMatch: (query: string) =>
    `Nothing matches "${query}". Search looks at names, tags and notes, not inside files.`,
  /** @param isCut whether even more match than were counted */
  moreMatches: (shown: number, total: number, isCut: boolean) =>
    isCut
      ? `More than ${formatCount(total)} match. These are ${formatCount(shown)} of them: ask for something narrower.`
      : `These are ${formatCount(shown)} of ${formatCount(total)} that match: ask for something narrower.`,
  unchanged: 'Nothing had to be changed.',
  undo: (ref: string, ids: readonly string[]) => `To undo that: shoal space undo ${ref} ${ids.join(' ')}`,
  undoMany: (count: number, ref: string) =>
    `It is ${formatCount(count)} changes. To undo them, take their ids from: shoal space log ${ref}`,
  searching: 'Looking at what is there',
  adding: (name: string) => `Reading ${name}`,
  /** After the first paths of what was fetched. */
  morePaths: (count: number) => `and ${files(count)} more there`,
  exported: (count: number) => `${formatCount(count, 'file is', 'files are')} listed in`,
  log: {
    put: (path: string) => `put in ${path}`,
    edit: (path: string) => `new content for ${path}`,
    restore: (path: string) => `brought back ${path}`,
    delete: (path: string) => `took out ${path}`,
    move: (path: string) => `moved to ${path}`,
    tag: (path: string, text: string | null) => `tagged ${path} ${quoted(text)}`,
    untag: (path: string) => `took tags away from ${path}`,
    note: (path: string, text: string | null) => `noted for ${path} ${quoted(text)}`,
    title: (path: string, text: string | null) =>
      path === '' ? `titled the space ${quoted(text)}` : `titled ${path} ${quoted(text)}`,
    unknown: () => 'something that a newer Shoal knows',
  } as const satisfies Record<SpaceEvent['kind'], (path: string, text: string | null) => string>,
  void: '(does not count)',
  moreLog: (count: number, ref: string) =>
    `These are the last ${count}. More of them: shoal space log ${ref} | less`,
  role: (member: string, role: SpaceRole) => `${member} has the role ${ROLE_WORDS[role]} now.`,
  forGood: 'An owner stays one: nobody can take that back.',
  /** Word for word as in the interface brief, but for the names. */
  removed: (member: string, space: string, others: number) =>
    `${member} was put out of ${space}. It cannot read what is added from now on by devices that know of this: those online at once, the others when they return. It keeps what it downloaded, and what it could read until now must count as known to it. ${
      others === 1 ? 'This device has' : `The other ${devices(others)} get`
    } new keys.`,
  unwritten: (why: string) =>
    `Something that the space needs of this device could not be written: ${why}. It is tried again by itself.`,
  noNewKeys: (why: string) => `New keys could not be made yet: ${why}. It is tried again by itself.`,
  leftSpace: (space: string) =>
    `This device has left ${space}. What is here stays and can be read; the others keep what they have of it.`,
  invited: (uses: number, role: SpaceRole, until: string) => joined(devices(uses), ROLE_WORDS[role], until),
  until: (ms: number | null) => (ms === null ? 'without end' : `until ${formatTime(ms) ?? '-'}`),
  invitation: 'Invitation into',
  asks: (ref: string) =>
    `Whoever has the whole link can ask to be let in, with shoal space join, while this device is on. To decide: shoal space approve ${ref}`,
  letsIn:
    'Whoever has the whole link is let in at once, with shoal space join, while this device is on. Give it only to whom you trust.',
  toRevoke: (ref: string, id: string) => `To end it: shoal space revoke ${ref} ${id}`,
  noInvitations: (ref: string) => `No invitation lets anybody in. To make one: shoal space invite ${ref}`,
  approval: 'after approval',
  instant: 'at once',
  revoked: 'This invitation lets nobody in any more. Who is in stays in.',
  sound: (space: string, count: number) =>
    `${space} is as it should be. ${formatCount(count, 'change was', 'changes were')} gone through.`,
  started: 'Shoal was started in the background. To end it: shoal daemon stop',
  endedAgain: 'Shoal in the background was ended again.',
} as const

/** Signs before what a live query tells; `+` and `-` stand for themselves in every character set. */
export const WATCH_SIGNS = { came: '+', went: '-', changed: '~' } as const
