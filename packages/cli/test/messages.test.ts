/** Every error that a person can be told, printed once: to be read aloud. What happened, what to do, code and exit. */
import { ERRORS, ShoalError, isShoalError, type ErrorCode } from '@shoal/node/control'
import { expect, test } from 'vitest'
import { Interrupted, failureOf, printFailure } from '../src/failure.ts'
import { parse } from '../src/parse.ts'
import { FAILURES, USAGE } from '../src/strings/errors.ts'
import { SPACE_FAILURES, type SPACE_USAGE } from '../src/strings/space-errors.ts'
import { fakeOutput } from './support.ts'

const LINK = 'shoal://bafyroot#AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyChoqM'

type Hint = `${string}Hint` | 'seeHelp' | 'didYouMean'
/** Told by who reads the link, after the command line was read. */
type Later = 'noLink' | 'noPassphrase' | 'passphrasesDiffer' | 'emptyPassphrase'
/** How each is brought about; the type asks for a new one when a message is added. */
const MISTAKES: Readonly<Record<Exclude<keyof typeof USAGE, Hint | Later>, readonly string[]>> = {
  noCommand: ['--json'],
  unknownCommand: ['fetc', 'L'],
  linkAsCommand: [LINK],
  linkAsPath: ['verify', LINK, './in'],
  unknownOption: ['share', 'x', '--pubic'],
  missingArgument: ['fetch'],
  missingValue: ['fetch', 'L', '--wait'],
  tooMany: ['ls', 'L', 'a', 'b'],
  onOff: ['id', '--api-tcp', 'maybe'],
  network: ['id', '--network', 'world'],
  shell: ['completions', 'tcsh'],
  id: ['id', 'forget', 'x'],
  passphraseForNothing: ['id', '--passphrase-file', 'p'],
  daemon: ['daemon', 'restart'],
  config: ['config', 'show'],
  setting: ['config', 'get', 'netwrok'],
  choice: ['config', 'set', 'metered', 'maybe'],
  oneValue: ['config', 'set', 'network', 'lan', 'private'],
  duration: ['fetch', 'L', '--wait', '30'],
  empty: ['share', 'x', '--name', ''],
  excludeInput: ['share', '-', '--exclude', '*.tmp'],
  inputAmongPaths: ['share', 'a', '-'],
  notToStdout: ['fetch', 'L', '-o', '-', '--overwrite'],
  waitDetached: ['fetch', 'L', '--detach', '--wait', '2m'],
  fetches: ['fetches', 'puase', '3f9c'],
  range: ['cat', 'L', '--range', '5'],
  size: ['config', 'set', 'quota', 'much'],
  rate: ['share', 'x', '--up', 'fast'],
  times: ['share', 'x', '--times', '0'],
  forAndTimes: ['share', 'x', '--for', '2h', '--times', '3'],
  other: [],
}

/** The same of `shoal space`. */
const SPACE_MISTAKES: Readonly<Record<Exclude<keyof typeof SPACE_USAGE, Hint>, readonly string[]>> = {
  action: ['space', 'crate', 'studio'],
  linkAsSpace: ['space', 'ls', LINK],
  linkAsFile: ['space', 'add', 'studio', LINK],
  change: ['space', 'undo', 'studio', 'last'],
  role: ['space', 'invite', 'studio', '--role', 'owner'],
  uses: ['space', 'invite', 'studio', '--uses', '0'],
  tooLong: ['space', 'create', 'a name '.repeat(50)],
  instantManager: ['space', 'invite', 'studio', '--role', 'manage', '--instant'],
  noteOfSpace: ['space', 'note', 'studio', '/', 'x'],
  refuseWhom: ['space', 'approve', 'studio', '--refuse'],
  noTags: ['space', 'tag', 'studio', 'a.mov'],
}

function printed(error: unknown): string {
  const output = fakeOutput('terminal', { columns: 80 })
  printFailure(output, failureOf(error))
  expect(output.screen.widest).toBeLessThanOrEqual(80)
  return output.screen.text
}

function refusal(argv: readonly string[]): ShoalError {
  try {
    parse({ argv, env: {}, cwd: '/cwd', columns: 80, version: () => '', onContent: () => {} })
  } catch (error) {
    if (isShoalError(error, 'ERR_USAGE')) return error
  }
  throw new Error(`${argv.join(' ')} was taken`)
}

test('mistakes on the command line', () => {
  const told = Object.entries({ ...MISTAKES, ...SPACE_MISTAKES }).flatMap(([name, argv]) => {
    if (name === 'other') return []
    const error = refusal(argv)
    expect(error.hint, name).not.toBe('')
    return [`$ shoal ${argv.join(' ')}`.replace(/#.*/, '#…'), printed(error), '']
  })
  for (const [message, hint] of [
    [USAGE.noLink, USAGE.noLinkHint],
    [USAGE.noPassphrase, USAGE.noPassphraseHint],
    [USAGE.passphrasesDiffer, USAGE.passphrasesDifferHint],
    [USAGE.emptyPassphrase('/home/ada/p'), USAGE.emptyPassphraseHint],
  ] as const) {
    told.push(printed(new ShoalError('ERR_USAGE', message, { hint })), '')
  }
  expect(told.join('\n')).toMatchSnapshot()
  expect(told.join('\n')).not.toContain('AQID')
})

test('what a command was stopped from', () => {
  const told = [
    new Interrupted(),
    new Interrupted(FAILURES.readInterrupted, FAILURES.readInterruptedHint),
    new Interrupted(FAILURES.verifyInterrupted, FAILURES.verifyInterruptedHint),
    new Interrupted(FAILURES.listInterrupted, FAILURES.listInterruptedHint),
    new Interrupted(FAILURES.doctorInterrupted, FAILURES.doctorInterruptedHint),
    new Interrupted(FAILURES.idInterrupted, FAILURES.idInterruptedHint),
    new ShoalError('ERR_SOURCE_MISSING', FAILURES.notThere('/home/ada/p')),
    new ShoalError('ERR_PERMISSION', FAILURES.notRead('/home/ada/p')),
    new ShoalError('ERR_HOME_BUSY', FAILURES.noAnswer('/home/ada/.shoal')),
    new ShoalError('ERR_USAGE', FAILURES.severalFiles, { hint: FAILURES.severalFilesHint }),
    new ShoalError('ERR_USAGE', FAILURES.noFile, { hint: FAILURES.noFileHint }),
    new Interrupted(FAILURES.detachInterrupted, FAILURES.detachInterruptedHint),
    new ShoalError('ERR_NO_FETCH', FAILURES.noFetch('3f9c')),
    new ShoalError('ERR_USAGE', FAILURES.severalFetches('3'), {
      hint: FAILURES.severalFetchesHint(['3f9c0a11be02', '3ab20a11be02']),
    }),
    new ShoalError('ERR_NODE_STOPPED', FAILURES.backgroundEnded),
    new ShoalError('ERR_NODE_STOPPED', FAILURES.inputLost),
    new ShoalError('ERR_NO_NODE', FAILURES.notRunning('/home/ada/.shoal')),
    new ShoalError('ERR_DISK', FAILURES.outputLost),
    new ShoalError('ERR_USAGE', FAILURES.otherNode('--network', 'lan', 'public'), {
      hint: FAILURES.otherNodeHint('--network'),
    }),
  ]
  expect(told.map(printed).join('\n\n')).toMatchSnapshot()
})

test('what goes wrong in spaces', () => {
  const {
    interrupted,
    addInterrupted,
    listInterrupted,
    nothingAt,
    noInvitation,
    onlyOwner,
    noChange,
    severalChanges,
  } = SPACE_FAILURES
  const told = [
    new Interrupted(interrupted, SPACE_FAILURES.interruptedHint),
    new Interrupted(addInterrupted, SPACE_FAILURES.addInterruptedHint),
    new Interrupted(listInterrupted, SPACE_FAILURES.listInterruptedHint),
    new ShoalError('ERR_NOT_DAEMON', FAILURES.notInBackground('/home/ada/.shoal', 4711), {
      hint: SPACE_FAILURES.besideHint,
    }),
    new ShoalError('ERR_NOT_IN_SPACE', nothingAt('clips/a.mov'), {
      hint: SPACE_FAILURES.nothingAtHint('studio'),
    }),
    new ShoalError(
      'ERR_NOT_IN_SPACE',
      'no member of the space, or more than one, has the id that was given',
      { hint: SPACE_FAILURES.noMemberHint('studio') },
    ),
    new ShoalError('ERR_INVITE_OVER', noInvitation('3f9c'), {
      hint: SPACE_FAILURES.noInvitationHint('studio'),
    }),
    new ShoalError('ERR_SPACE_ROLE', onlyOwner, { hint: SPACE_FAILURES.onlyOwnerHint('studio') }),
    new ShoalError('ERR_NOT_IN_SPACE', noChange('3f9c'), { hint: SPACE_FAILURES.noChangeHint('studio') }),
    new ShoalError('ERR_USAGE', severalChanges('3f9c'), { hint: SPACE_FAILURES.severalChangesHint }),
    new ShoalError('ERR_CONTENT_INVALID', SPACE_FAILURES.unsound, { hint: SPACE_FAILURES.unsoundHint }),
    new ShoalError('ERR_DESTINATION_EXISTS', SPACE_FAILURES.exists('/home/ada/a.jsonl'), {
      hint: SPACE_FAILURES.existsHint,
    }),
    new ShoalError('ERR_SOURCE_MISSING', SPACE_FAILURES.noFolder('/home/ada/x')),
    new ShoalError('ERR_DISK_FULL', `${SPACE_FAILURES.writing('/home/ada/a.jsonl')}: the disk is full`),
  ]
  expect(told.map(printed).join('\n\n')).toMatchSnapshot()
})

test('what to do about each code', () => {
  const codes = Object.keys(ERRORS) as ErrorCode[]
  expect(codes.map((code) => printed(new ShoalError(code, 'what happened'))).join('\n\n')).toMatchSnapshot()
  for (const code of codes) {
    expect(ERRORS[code].hint, code).toMatch(/^[A-Z'].*[^!]$/)
    expect(ERRORS[code].hint, code).not.toMatch(/please|sorry|oops/i)
  }
})
