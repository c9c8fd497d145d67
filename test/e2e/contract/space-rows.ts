/**
 * The contract of `shoal space` in rows, in the order in which they are given: each form has a space of its own (world.ts).
 * Shoal runs in the background before; that it is started where it does not is in background-rows.ts.
 */
import { failing, type Failure } from './failures.ts'
import type { Row } from './rows.ts'

const NOTHING = /^$/
const ID = '[0-9a-f]{64}'
const IDS = new RegExp(`^(${ID}\\n)+$`)
/** A file in a list. */
const ROW = `\\d+\\t\\S+Z\\there\\t${ID}\\t[^\\t\\n]+\\t`

function changes(command: string, told: RegExp, action = command.split(' ')[0] ?? ''): Row {
  return {
    command: `space ${command}`,
    json: /^changed $/,
    result: IDS,
    notes: new RegExp(`^space studio-\\w+: ${action}, \\d+ files?\\n$`),
    screen: new RegExp(`^✓ ${told.source}`),
  }
}

const REMOVAL = changes('rm SPACE speech', /Took 1 file out of studio-\w+\. What is on this device stays/)

const WELL: readonly Row[] = [
  {
    command: 'space create NEW',
    json: /^space $/,
    result: new RegExp(`^${ID}\\n$`),
    notes: /^space film-\w+: created\n$/,
    screen: new RegExp(`^✓ film-\\w+ is a space now\\. To put files in: [^]*\\n${ID}\\n$`),
  },
  ...['space', 'space list'].map((command) => ({
    command,
    json: /^(space )+$/,
    result: new RegExp(`^(${ID}\\t(founder\\t1|write\\t2)\\t\\d+\\t\\d+\\t[^\\t\\n]+\\t-\\n)+$`),
    screen: /^(\S+ +Owner {2}\d+ files?, \d+ k?B, 1 member {2}[0-9a-f]{12}\n)+$/,
  })),
  {
    ...changes('add SPACE talk.txt --at words --tag said', /Put 1 file into studio-\w+\. To undo that: /),
    json: /^(hashing )*changed $/,
    notes: /^space studio-\w+: reading\n(space .*\n)*space studio-\w+: add, 1 file\n$/,
    screen: /✓ Put 1 file into studio-\w+\. To undo that: shoal space undo studio-\w+\s+[0-9a-f]{12}\n$/,
    isDrawn: true,
  },
  {
    command: 'space ls SPACE',
    json: /^(entry ){3}$/,
    result: new RegExp(
      `^${ROW}holiday/day 1/sea\\.jpg\\n${ROW}holiday/talk\\.txt\\n${ROW}words/talk\\.txt\\n$`,
    ),
    screen: / {2}here {4}holiday\/day 1\/sea\.jpg\n[^]* {2}words\/talk\.txt {2}#said\n$/,
  },
  {
    command: 'space ls SPACE holiday',
    json: /^(entry ){2}$/,
    result: new RegExp(`^(${ROW}holiday/.*\\n){2}$`),
    screen: /^ +3 B .*\n +15 B .*holiday\/talk\.txt\n$/,
  },
  {
    command: 'space search SPACE tag:said',
    json: /^entry $/,
    result: new RegExp(`^${ROW}words/talk\\.txt\\n$`),
    screen: /^ +15 B .* words\/talk\.txt {2}#said\n$/,
  },
  {
    command: 'space search SPACE zzz',
    json: NOTHING,
    result: NOTHING,
    notes: /^space studio-\w+: nothing matches\n$/,
    screen: /^Nothing matches "zzz"\. Search looks at names, tags and notes, not inside files\.\n$/,
  },
  {
    command: 'space watch SPACE tag:said',
    stop: /talk\.txt/,
    json: /^found entry $/,
    result: /^\+\t15\twords\/talk\.txt\n$/,
    screen: /^\+ +15 B {2}words\/talk\.txt\n/,
  },
  changes('tag SPACE holiday --tag summer', /Tagged 2 files\./),
  changes('tag SPACE holiday --untag SUMMER', /Took tags away from 2 files\./, 'untag'),
  changes('note SPACE words/talk.txt loud', /The note is written\./),
  changes('title SPACE words/talk.txt Talk', /The title is given\./),
  changes('mv SPACE words speech', /Moved 1 file\./),
  REMOVAL,
  changes('undo SPACE', /Undone\. 1 file is as before\.\n$/),
  REMOVAL,
  changes('restore SPACE speech', /Brought 1 file back into studio-\w+\./),
  {
    command: 'space log SPACE',
    json: /^(log ){9,}$/,
    result: new RegExp(`^(${ID}\\t${ID}\\t[a-z]+\\tcounts\\t\\S[^\\t\\n]*\\t[^\\t\\n]+\\n){9,}$`),
    screen: /^[0-9a-f]{12} {2}this device {3}brought back speech\/talk\.txt\n[^]*put in holiday/,
  },
  {
    command: 'space get SPACE holiday/talk.txt -o INTO --overwrite --wait 20s',
    json: /^(progress )*done got $/,
    result: /^\/.*\/into-\d+\/holiday\/talk\.txt\n$/,
    notes:
      /^fetch: looking for a source\nfetch holiday: 1 file, 15 bytes\n(fetch .*\n)*fetch holiday: done, 15 bytes, [\d.]+ s\n$/,
    screen: /✓ holiday {3}15 B in .*, every byte checked\n\/.*\/holiday\/talk\.txt\n$/,
    isDrawn: true,
  },
  {
    command: 'space members SPACE',
    json: /^member $/,
    result: new RegExp(`^${ID}\\tfounder\\tself\\n$`),
    screen: /^[0-9a-f]{12} {2}Owner +this device\n$/,
  },
  {
    command: 'space invite SPACE --role read --uses 2 --expires 2h',
    json: /^invite $/,
    result: /^shoal:\/\/join\/\S+\n$/,
    notes: /^space studio-\w+: invitation, 2 devices, read, until \S+Z\n$/,
    screen:
      /^✓ Invitation into studio-\w+ {3}2 devices, Viewer, until .*\n\nshoal:\/\/join\/\S+\n\n[^]*To end it: /,
  },
  {
    command: 'space approve SPACE',
    json: NOTHING,
    result: NOTHING,
    notes: /^space studio-\w+: no device asks to be let in\n$/,
    screen: /^No device asks to be let in\. To invite one: shoal space invite studio-\w+\n$/,
  },
  {
    command: 'space join INVITE --name Ben --wait 20s',
    json: /^joining joining joined $/,
    result: new RegExp(`^${ID}\\n$`),
    notes: /^space club-\w+: looking for the device that invited\nspace club-\w+: joined\n$/,
    screen: new RegExp(
      `^Looking for the device that invited into club-\\w+\\n✓ This device is in club-\\w+ now\\. To see what is in it: [^]*\\n${ID}\\n$`,
    ),
  },
  {
    command: 'space invitations SPACE',
    json: /^(invitation )+$/,
    result: new RegExp(`^(${ID}\\t(write|read)\\tapproval\\t\\d\\t\\S+Z\\n)+$`),
    screen: /^([0-9a-f]{12} {2}\d devices?, (Editor|Viewer), until .* {2}after approval\n)+$/,
  },
  {
    command: 'space revoke SPACE INVITATION',
    json: /^invitation $/,
    result: NOTHING,
    notes: new RegExp(`^space studio-\\w+: invitation ${ID} was revoked\\n$`),
    screen: /^✓ This invitation lets nobody in any more\. Who is in stays in\.\n$/,
  },
  {
    command: 'space check SPACE',
    json: /^check $/,
    result: /^sound\t\d+\n$/,
    screen: /^✓ studio-\w+ is as it should be\. \d+ changes were gone through\.\n$/,
  },
  {
    command: 'space export SPACE',
    json: /^space (entry )+$/,
    result: /^\{"type":"space",.*\n(\{"type":"entry",.*\n)+$/,
    screen: /^\{"type":"space"/,
    printsJson: true,
  },
  {
    command: 'space export SPACE -o INTO',
    json: /^exported $/,
    result: /^\/.*\/into-\d+\n$/,
    notes: /^space studio-\w+: exported, \d files\n$/,
    screen: /^✓ \d files are listed in\n\/.*\/into-\d+\n$/,
  },
]

const LONG = 'x'.repeat(1_100)
const MANY_TAGS = Array.from({ length: 101 }, (_, i) => `--tag t${i}`).join(' ')

const WRONG: readonly Failure[] = [
  { command: 'space ls nowhere', exit: 2, code: 'ERR_SPACE_UNKNOWN' },
  { command: 'space join LINK', exit: 2, code: 'ERR_LINK_MALFORMED' },
  { command: 'space approve SPACE --refuse', exit: 2, code: 'ERR_USAGE' },
  { command: 'space invite SPACE --uses 100000', exit: 2, code: 'ERR_OPTIONS_INVALID' },
  { command: 'space tag SPACE holiday --tag ', exit: 2, code: 'ERR_USAGE' },
  ...[
    'ls SPACE nothing',
    'get SPACE nothing',
    'mv SPACE nothing x',
    'rm SPACE nothing',
    'restore SPACE nothing',
    'tag SPACE nothing --tag x',
    'note SPACE nothing x',
    'title SPACE nothing x',
    'log SPACE nothing',
    'undo SPACE 0000',
    'role SPACE 0000 read',
    'remove SPACE 0000',
    'approve SPACE 0000',
  ].map((words) => ({ command: `space ${words}`, exit: 3, code: 'ERR_NOT_IN_SPACE' })),
  { command: 'space add SPACE missing', exit: 5, code: 'ERR_SOURCE_MISSING' },
  { command: 'space export SPACE -o talk.txt', exit: 5, code: 'ERR_DESTINATION_EXISTS' },
  { command: 'space get SPACE speech -o taken', exit: 5, code: 'ERR_DESTINATION_EXISTS' },
  { command: 'space add SPACE talk.txt --at a/../b', exit: 7, code: 'ERR_UNSAFE_NAME' },
  { command: `space search SPACE ${LONG}`, exit: 7, code: 'ERR_LIMIT' },
  { command: `space watch SPACE ${LONG}`, exit: 7, code: 'ERR_LIMIT' },
  { command: 'space mv SPACE holiday a/../b', exit: 7, code: 'ERR_UNSAFE_NAME' },
  { command: `space tag SPACE holiday ${MANY_TAGS}`, exit: 7, code: 'ERR_LIMIT' },
  { command: 'space leave SPACE', exit: 8, code: 'ERR_SPACE_ROLE' },
  { command: 'space revoke SPACE 0000', exit: 8, code: 'ERR_INVITE_OVER' },
]

export const SPACES: readonly Row[] = [...WELL, ...WRONG.map(failing)].map((row) => ({
  ...row,
  only: 'daemon',
}))
