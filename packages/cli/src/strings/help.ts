/**
 * The help of each command, and of all together. A test holds all files here to the word list of the interface: words of the machine room
 * (root, peer, hash, ...) do not appear in them.
 */
import type { SpaceAction } from '../arguments/space-tasks.ts'
import type { CommandHelp } from '../command-help.ts'
import { DEVICE_HELP } from './help/device.ts'
import { FETCH_HELP } from './help/fetch.ts'
import { NODE_HELP } from './help/node.ts'
import { READ_HELP } from './help/read.ts'
import { SHARE_HELP } from './help/share.ts'
import { SPACE_CHANGE_HELP } from './help/space-changes.ts'
import { SPACE_FILE_HELP } from './help/space-files.ts'
import { SPACE_GROUP_HELP, SPACE_MEMBER_HELP, SPACE_OWN_HELP } from './help/space.ts'

type CommandName =
  | 'share'
  | 'fetch'
  | 'ls'
  | 'cat'
  | 'verify'
  | 'id'
  | 'shares'
  | 'status'
  | 'peers'
  | 'doctor'
  | 'daemon'
  | 'config'
  | 'unshare'
  | 'fetches'
  | 'space'
  | 'completions'

/** In the order in which people see them. */
export const HELP: Readonly<Record<CommandName, CommandHelp>> = {
  share: SHARE_HELP.share,
  fetch: FETCH_HELP.fetch,
  ls: READ_HELP.ls,
  cat: READ_HELP.cat,
  verify: READ_HELP.verify,
  id: DEVICE_HELP.id,
  shares: SHARE_HELP.shares,
  status: NODE_HELP.status,
  peers: NODE_HELP.peers,
  doctor: NODE_HELP.doctor,
  daemon: NODE_HELP.daemon,
  config: DEVICE_HELP.config,
  unshare: SHARE_HELP.unshare,
  fetches: FETCH_HELP.fetches,
  space: SPACE_GROUP_HELP,
  completions: DEVICE_HELP.completions,
}

/** Of the commands of `shoal space`, in the order in which people see them. */
export const SPACE_HELP: Readonly<Record<SpaceAction, CommandHelp>> = {
  create: SPACE_OWN_HELP.create,
  list: SPACE_OWN_HELP.list,
  ...SPACE_FILE_HELP,
  ...SPACE_CHANGE_HELP,
  ...SPACE_MEMBER_HELP,
  check: SPACE_OWN_HELP.check,
}

export const HELP_HEADINGS = {
  usage: 'Usage',
  examples: 'Examples',
  options: 'Options',
  common: 'Everywhere',
  output: 'Output',
  exits: 'Exit status',
  otherExits: 'Other: 1 a fault in Shoal, 6 another Shoal holds the home and does not answer.',
} as const

export const TOP_HELP = {
  sentence: 'Share files straight between devices. No account, no server.',
  examples: [
    ['shoal share ./holiday', 'print a private link, serve until stopped'],
    ["shoal fetch 'shoal://…' -o ~/in", 'download what the link points to'],
    ['shoal space create studio', 'start a folder that a group keeps together'],
  ],
  rows: [
    ['Move', ['share', 'fetch', 'ls', 'cat', 'verify']],
    ['Watch', ['status', 'shares', 'fetches', 'peers', 'doctor']],
    ['Groups', ['space (see space --help)']],
    ['Device', ['daemon', 'config', 'id', 'unshare', 'completions']],
    [
      'Always',
      [
        '--json',
        '--quiet',
        '--verbose',
        '--home DIR',
        '--network NAME',
        '--listen ADDRESS',
        '--peer ADDRESS',
        '--bootstrap ADDRESS',
        '--mdns',
        '--up RATE',
        '--down RATE',
        '--help',
        '--version',
      ],
    ],
    [
      'Exit',
      [
        '0 ok',
        '1 fault',
        '2 usage',
        '3 not found',
        '4 wrong data',
        '5 disk',
        '6 no answer',
        '7 unsafe',
        '8 denied',
        '130 stopped',
      ],
    ],
  ],
  more: 'More on a command: shoal share --help',
} as const satisfies {
  sentence: string
  examples: readonly (readonly [string, string])[]
  rows: readonly (readonly [heading: string, items: readonly string[]])[]
  more: string
}
