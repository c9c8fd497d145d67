/**
 * The options of `shoal space`, as `options.ts` has those of the other commands. A test holds all files here to the word list
 * of the interface.
 */
import { FETCH_OPTIONS, type OptionText } from './options.ts'

const TAG = { flags: '--tag <tag>', text: 'a tag for all of them; may be given again' }

export const SPACE_ADD_OPTIONS = {
  at: { flags: '--at <path>', text: 'the folder of the space to put them in (default: none)' },
  tag: TAG,
} as const satisfies Record<string, OptionText>

export const SPACE_GET_OPTIONS = {
  o: { flags: '-o <dir>', text: 'the folder to save to (default: this one)' },
  overwrite: FETCH_OPTIONS.overwrite,
  wait: FETCH_OPTIONS.wait,
} as const satisfies Record<string, OptionText>

export const SPACE_TAG_OPTIONS = {
  tag: TAG,
  untag: { flags: '--untag <tag>', text: 'a tag to take away from all of them; may be given again' },
} as const satisfies Record<string, OptionText>

export const SPACE_INVITE_OPTIONS = {
  role: {
    flags: '--role <role>',
    text: 'pull, read, write or manage: what whoever joins may do (default write)',
  },
  expires: {
    flags: '--expires <duration>',
    text: 'how long it holds: 2h, 7d; 0 = until it is used up or revoked (default 7d)',
  },
  uses: { flags: '--uses <n>', text: 'how many devices it lets in (default 1)' },
  instant: {
    flags: '--instant',
    text: 'let in at once whoever has the link, without anybody approving it; not with --role manage',
  },
} as const satisfies Record<string, OptionText>

export const SPACE_JOIN_OPTIONS = {
  name: {
    flags: '--name <name>',
    text: 'what this device calls itself to who lets it in (default: as the system calls it)',
  },
  wait: {
    flags: '--wait <duration>',
    text: 'how long to look for the device that invited: 30s, 10m; 0 = for ever (default 30s)',
  },
} as const satisfies Record<string, OptionText>

export const SPACE_APPROVE_OPTIONS = {
  refuse: { flags: '--refuse', text: 'do not let it in' },
} as const satisfies Record<string, OptionText>

export const SPACE_EXPORT_OPTIONS = {
  o: { flags: '-o <file>', text: 'a new file to write to, instead of standard output' },
} as const satisfies Record<string, OptionText>
