/**
 * What people are told when `shoal space` was typed wrong or failed, and what to do about it. A test holds all files here to
 * the word list of the interface.
 */

export const SPACE_USAGE = {
  action: (given: string) => `shoal space ${given} is nothing that Shoal can do`,
  actionHint: 'See shoal space --help.',
  linkAsSpace: 'a link is not a space',
  linkAsSpaceHint: 'A space goes by its name or its id. See yours: shoal space list',
  linkAsFile: 'a link cannot be put into a space',
  linkAsFileHint: 'Download it first: shoal fetch LINK',
  change: (given: string) => `${given} is not the id of a change`,
  changeHint: 'See the changes, each with its id: shoal space log SPACE',
  tooLong: (place: string, bytes: number) => `${place} is longer than ${bytes} bytes`,
  tooLongHint: 'Make it shorter. A letter takes one to four bytes.',
  role: (place: string, given: string) => `${place} cannot be ${given}`,
  roleHint: (roles: readonly string[]) => `It is one of ${roles.join(', ')}.`,
  uses: (flag: string, given: string) => `${flag} ${given} is not a whole number from 1 on`,
  instantManager: '--role manage does not go with --instant',
  instantManagerHint:
    'Whoever is to manage a space has to be approved. Leave out --instant, or give a smaller role.',
  noteOfSpace: 'a note is written to a file, and / is the space itself',
  noteOfSpaceHint: 'It can have a title: shoal space title SPACE / TEXT',
  refuseWhom: '--refuse does not say whom',
  refuseWhomHint: 'Name who asks by an id. See them: shoal space approve SPACE',
  noTags: 'no tag was given',
  noTagsHint: 'Name one with --tag, or with --untag to take it away.',
} as const

export const SPACE_FAILURES = {
  besideHint:
    'Spaces are looked after by Shoal in the background. End that first, a command with Ctrl-C, then run this again.',
  interrupted: 'stopped before Shoal in the background had answered',
  interruptedHint: 'What was begun is done all the same. See what is in the space: shoal space ls SPACE',
  addInterrupted: 'stopped before everything was put into the space',
  addInterruptedHint: 'Run the same command again. What is in the space already stays as it is.',
  listInterrupted: 'stopped before the list was complete',
  listInterruptedHint: 'Run the same command again for the whole list.',
  nothingAt: (path: string) => `the space has nothing under "${path}"`,
  nothingAtHint: (space: string) => `See what is in it: shoal space ls ${space}`,
  noMemberHint: (space: string) =>
    `See who is in it, each with an id: shoal space members ${space}. To take files out: shoal space rm ${space} PATH`,
  noInvitation: (given: string) =>
    `no invitation that lets anybody in, or more than one, has the id ${given}`,
  noInvitationHint: (space: string) => `See them, each with its id: shoal space invitations ${space}`,
  joinInterrupted: 'stopped before this device was let in',
  joinInterruptedHint: 'Run the same command again. There will be another code.',
  noRequest: (given: string) => `no device that asks to be let in, or more than one, has the id ${given}`,
  noRequestHint: (space: string) => `See who asks, each with an id: shoal space approve ${space}`,
  onlyOwner: 'this device is the only owner of the space, and a space is never without one',
  onlyOwnerHint: (space: string) =>
    `Make another member an owner first: shoal space role ${space} MEMBER founder`,
  noChange: (given: string) => `no change of the last 1,000 has the id ${given}`,
  noChangeHint: (space: string) => `See the changes, each with its id: shoal space log ${space}`,
  severalChanges: (given: string) => `${given} is the beginning of several ids`,
  severalChangesHint: 'Type more of the id.',
  unsound: 'what is stored of the space is not what its log comes to',
  unsoundHint:
    'The log itself is as its members wrote it. This is a fault of the disk or in Shoal: report it with what this command prints.',
  exists: (file: string) => `${file} is there already`,
  existsHint: 'Name a file that is not there yet.',
  writing: (file: string) => `writing ${file}`,
  noFolder: (folder: string) => `${folder} is not there`,
} as const
