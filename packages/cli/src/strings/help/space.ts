/** Help of `shoal space`, and of its commands for spaces as such and for who is in them. */
import type { CommandHelp } from '../../command-help.ts'
import { SPACE_APPROVE_OPTIONS, SPACE_INVITE_OPTIONS, SPACE_JOIN_OPTIONS } from '../space-options.ts'
import { CHANGED, EXITS, SPACE } from './space-words.ts'

const MEMBER = [
  'MEMBER',
  'the id of a device, or its first 4 characters or more: shoal space members',
] as const

export const SPACE_GROUP_HELP: CommandHelp = {
  usage: 'shoal space [COMMAND [...]] [options]',
  sentence:
    'A space is a folder that a group keeps together: everyone sees the list, also offline, and files come when asked for.',
  examples: [
    ['shoal space create studio', 'start one'],
    ['shoal space add studio ./clips --tag raw', 'put a folder in, where it lies'],
  ],
  arguments: [
    ['create NAME', 'start a space'],
    ['list', 'your spaces; so does shoal space alone'],
    ['add SPACE PATH...', 'put files and folders in'],
    ['ls SPACE [PATH]', 'what is in it'],
    ['search SPACE QUERY', 'find names, tags and notes'],
    ['watch SPACE QUERY', 'the same, and what changes, until Ctrl-C'],
    ['get SPACE PATH...', 'download files of it'],
    ['export SPACE', 'write its list as JSON'],
    ['mv SPACE FROM TO', 'give files another name or folder'],
    ['rm SPACE PATH...', 'take files out'],
    ['restore SPACE PATH...', 'bring back what was taken out'],
    ['tag SPACE PATH...', 'give tags and take them away'],
    ['note SPACE PATH TEXT', 'write a note to a file'],
    ['title SPACE PATH TEXT', 'give a file a title'],
    ['log SPACE [PATH]', 'who did what'],
    ['undo SPACE [CHANGE...]', 'take changes back'],
    ['members SPACE', 'who is in it'],
    ['role SPACE MEMBER ROLE', 'say what a member may do'],
    ['remove SPACE MEMBER', 'put a member out'],
    ['leave SPACE', 'leave it with this device'],
    ['invite SPACE', 'make a link that lets others in'],
    ['join LINK', 'ask to be let in with such a link'],
    ['approve SPACE [ID]', 'see who asks, and let a device in'],
    ['invitations SPACE', 'which links still let somebody in'],
    ['revoke SPACE ID', 'end one of them'],
    ['check SPACE', 'compare what is stored with the log'],
    SPACE,
  ],
  output: [
    ['more', 'shoal space add --help, and so on for each'],
    ['in the background', 'Shoal is started there if need be, with the options given, and goes on'],
  ],
  exits: [
    [0, 'done; also a search without hits'],
    [2, 'wrong usage; there is no such space; another command runs Shoal'],
    [5, 'the home cannot be read or written'],
    [130, 'stopped with Ctrl-C'],
  ],
}

export const SPACE_OWN_HELP: Readonly<Record<'create' | 'list' | 'check', CommandHelp>> = {
  create: {
    usage: 'shoal space create NAME [options]',
    sentence: 'Starts a space, which this device owns, and prints its id.',
    examples: [
      ['shoal space create studio', 'start one'],
      ["shoal space create 'Summer 2026' --json", 'one JSON object with its id and name'],
    ],
    arguments: [
      ['NAME', 'what its members call it, for good; a title can be given later: shoal space title'],
    ],
    exits: [
      [0, 'done'],
      [2, 'wrong usage, or a name that is too long; another command runs Shoal'],
      EXITS.home,
      [7, 'there are too many spaces on this device'],
      EXITS.stopped,
    ],
  },
  list: {
    usage: 'shoal space list [options]',
    sentence: 'Lists the spaces of this device.',
    examples: [
      ['shoal space list', 'list them'],
      ['shoal space list --json', 'one JSON object for each, for a script'],
    ],
    arguments: [],
    output: [
      [
        'to a terminal',
        'name, what this device may do, how much is in it, how many members, the beginning of its id',
      ],
      [
        'elsewhere',
        'id, role, members, files, bytes, name and what is wrong with it, separated by tabs; - if there is none',
      ],
      ['--quiet', 'the ids only'],
    ],
    exits: [[0, 'done'], [2, 'wrong usage; another command runs Shoal'], EXITS.home, EXITS.stopped],
  },
  check: {
    usage: 'shoal space check SPACE [options]',
    sentence: 'Works out from the log of a space what has to be stored, and compares. Changes nothing.',
    examples: [
      ['shoal space check studio', 'look whether all is as it should be'],
      ['shoal space check studio --json', 'one JSON object, for a script'],
    ],
    arguments: [SPACE],
    output: [['elsewhere', 'sound or unsound, and how many changes were gone through, separated by a tab']],
    exits: [
      [0, 'it is as it should be'],
      EXITS.usage,
      [4, 'what is stored is not what the log comes to'],
      EXITS.home,
      EXITS.stopped,
    ],
  },
}

export const SPACE_MEMBER_HELP: Readonly<
  Record<
    'members' | 'role' | 'remove' | 'leave' | 'invite' | 'join' | 'approve' | 'invitations' | 'revoke',
    CommandHelp
  >
> = {
  members: {
    usage: 'shoal space members SPACE [options]',
    sentence: 'Lists the devices that are in a space, with what each may do.',
    examples: [
      ['shoal space members studio', 'list them'],
      ['shoal space members studio --json', 'one JSON object for each, for a script'],
    ],
    arguments: [SPACE],
    output: [
      [
        'to a terminal',
        'the beginning of its id and what it is: Storage helper, Viewer, Editor, Manager or Owner',
      ],
      ['elsewhere', 'id, role (pull, read, write, manage or founder) and self or -, separated by tabs'],
      ['--quiet', 'the ids only'],
    ],
    exits: [[0, 'done'], EXITS.usage, EXITS.home, EXITS.stopped],
  },
  role: {
    usage: 'shoal space role SPACE MEMBER ROLE [options]',
    sentence: 'Says what a member may do from now on.',
    examples: [
      ['shoal space role studio 3f9c read', 'it may look, and no longer change anything'],
      ['shoal space role studio 3f9c founder', 'it owns the space too, for good'],
    ],
    arguments: [
      SPACE,
      MEMBER,
      [
        'ROLE',
        'pull: keeps files that it cannot read (Storage helper); read: reads (Viewer); write: changes what is in it (Editor); manage: says who is in it (Manager); founder: all of that, and cannot be taken back (Owner)',
      ],
    ],
    output: CHANGED,
    exits: [[0, 'done'], EXITS.usage, EXITS.member, EXITS.home, EXITS.role, EXITS.stopped],
  },
  remove: {
    usage: 'shoal space remove SPACE MEMBER [options]',
    sentence:
      'Puts a member out. It keeps what it downloaded, and what it could read until now must count as known to it.',
    examples: [
      ['shoal space remove studio 3f9c', 'put it out; the others get new keys'],
      ['shoal space rm studio old.mov', 'to take a file out instead'],
    ],
    arguments: [SPACE, MEMBER],
    output: CHANGED,
    exits: [[0, 'done'], EXITS.usage, EXITS.member, EXITS.home, EXITS.role, EXITS.stopped],
  },
  leave: {
    usage: 'shoal space leave SPACE [options]',
    sentence: 'Leaves a space with this device. What is here stays and can be read.',
    examples: [
      ['shoal space leave studio', 'leave it'],
      ['shoal space role studio 3f9c founder', 'before that, if this device is its only owner'],
    ],
    arguments: [SPACE],
    output: CHANGED,
    exits: [
      [0, 'done'],
      EXITS.usage,
      EXITS.home,
      [8, 'this device is the only owner, or is not in it any more'],
      EXITS.stopped,
    ],
  },
  invite: {
    usage: 'shoal space invite SPACE [options]',
    sentence: 'Prints a link with which other devices ask to be let into a space.',
    examples: [
      ['shoal space invite studio --role read', 'one device that may look and not change anything'],
      ['shoal space invite studio --uses 10 --expires 2d', 'ten devices, until the day after tomorrow'],
    ],
    arguments: [SPACE],
    options: SPACE_INVITE_OPTIONS,
    output: [['elsewhere', 'the link only']],
    exits: [
      [0, 'done'],
      [2, 'wrong usage, or something that an invitation cannot be; another command runs Shoal'],
      EXITS.home,
      [8, 'this device may not invite'],
      EXITS.stopped,
    ],
  },
  join: {
    usage: 'shoal space join LINK [options]',
    sentence:
      'Asks to be let into a space with a link that invites, waits until it is decided, and prints its id.',
    examples: [
      ['shoal space join shoal://join/bafy...#AX...', 'ask, and compare the code with who manages the space'],
      ['shoal space join -', 'paste the link, so that no other user of this computer sees it'],
    ],
    arguments: [
      [
        'LINK',
        'as shoal space invite printed it; - for SHOAL_LINK, if it is set, or a line of standard input',
      ],
    ],
    options: SPACE_JOIN_OPTIONS,
    output: [
      ['to a terminal', 'a code of six digits: who manages the space has to see the same'],
      ['elsewhere', 'the id of the space; the code on standard error'],
    ],
    exits: [
      [0, 'this device is in the space, or was in it before'],
      [2, 'wrong usage, or a link that is damaged; another command runs Shoal'],
      [3, 'the device that invited does not answer'],
      EXITS.home,
      [7, 'there are too many spaces on this device, or it is joining this one already'],
      [8, 'it was refused, or the invitation is over'],
      EXITS.stopped,
    ],
  },
  approve: {
    usage: 'shoal space approve SPACE [ID] [options]',
    sentence:
      'Lists the devices that ask to be let in, each with its code. With an ID, lets in that one: only if it shows the same code.',
    examples: [
      ['shoal space approve studio', 'see who asks; one alone can be decided by a key'],
      ['shoal space approve studio 3f9c', 'let in that one'],
    ],
    arguments: [SPACE, ['ID', 'of who asks, as the list shows it, or its first 4 characters or more']],
    options: SPACE_APPROVE_OPTIONS,
    output: [
      ['to a terminal', 'the beginning of its id, its code, what it would be, what it calls itself'],
      ['elsewhere', 'id, role, code, time in UTC and name, separated by tabs; nothing with an ID'],
      ['--quiet', 'the ids only'],
    ],
    exits: [
      [0, 'done'],
      EXITS.usage,
      [3, 'no device that asks, or more than one, has that id'],
      EXITS.home,
      [8, 'the invitation is over, or this device may let nobody in'],
      EXITS.stopped,
    ],
  },
  invitations: {
    usage: 'shoal space invitations SPACE [options]',
    sentence: 'Lists the invitations that still let somebody in.',
    examples: [
      ['shoal space invitations studio', 'list them'],
      ['shoal space invitations studio --json', 'one JSON object for each, for a script'],
    ],
    arguments: [SPACE],
    output: [
      ['to a terminal', 'the beginning of its id, what it lets devices do, how many, until when'],
      [
        'elsewhere',
        'id, role, approval or instant, devices left and end in UTC (- for never), separated by tabs',
      ],
      ['--quiet', 'the ids only'],
    ],
    exits: [[0, 'done'], EXITS.usage, EXITS.home, EXITS.stopped],
  },
  revoke: {
    usage: 'shoal space revoke SPACE ID [options]',
    sentence: 'Ends an invitation: its link lets nobody in any more. Who is in stays in.',
    examples: [
      ['shoal space revoke studio 3f9c', 'end one'],
      ['shoal space invitations studio', 'see them, each with its id'],
    ],
    arguments: [SPACE, ['ID', 'as the list of invitations shows it, or its first 4 characters or more']],
    output: CHANGED,
    exits: [
      [0, 'done'],
      EXITS.usage,
      EXITS.home,
      [8, 'there is no such invitation any more, or this device may not end it'],
      EXITS.stopped,
    ],
  },
}
