/**
 * What people are told when something went wrong, or was typed wrong, and what to do about it. A test holds all
 * files here to the word list of the interface: words of the machine room (root, peer, hash, ...) do not appear in
 * them.
 */

export const FAILURES = {
  firstLine: (message: string) => `shoal: ${message}`,
  lastLine: (code: string, exit: number) => `${code}, exit ${exit}`,
  oneLine: (message: string, code: string, exit: number) => `shoal: ${message} (${code}, exit ${exit})`,
  caused: 'caused by: ',
  interrupted: 'stopped before the download was complete',
  interruptedHint: 'What was downloaded is kept. Run the same command to go on with it.',
  readInterrupted: 'stopped before the file was complete',
  readInterruptedHint: 'Run the same command again for the whole file.',
  severalFiles: 'there is more than one file in this, and standard output takes one',
  severalFilesHint: 'Name the one: shoal cat LINK PATH. To see what is in it: shoal ls LINK',
  noFile: 'there is no file in this',
  noFileHint: 'Leave -o - out to save its folders.',
  verifyInterrupted: 'stopped before everything was compared',
  verifyInterruptedHint: 'Run the same command again.',
  listInterrupted: 'stopped before the list was complete',
  listInterruptedHint: 'Run the same command again for the whole list.',
  seedEnded: 'the Shoal that served this ended',
  inputLost: 'the Shoal that read standard input ended, and it cannot be read again',
  notRunning: (home: string) => `no Shoal runs on ${home}`,
  notInBackground: (home: string, pid: number) =>
    `the Shoal that runs on ${home} (pid ${pid}) is part of another command or program`,
  notInBackgroundHint: 'It ends with that: a command with Ctrl-C.',
  notStarted: (seconds: number) => `Shoal did not start in the background within ${seconds} s`,
  endedAtOnce: 'the Shoal that was started in the background ended at once',
  notWritten: (file: string) => `${file} cannot be written`,
  seeLog: (file: string) => `What it said: ${file}`,
  networkKey: 'a service does not know the SHOAL_NETWORK_KEY of this shell',
  networkKeyHint: 'Start it from here instead: shoal daemon start',
  noManager: (system: string) => `Shoal knows no services of ${system}`,
  noProgram: (program: string) => `there is no ${program} here`,
  manager: (command: string, why: string) => `${command} failed${why === '' ? '' : `: ${why}`}`,
  notInstalled: (file: string) => `there is no service ${file}`,
  notInstalledHint: 'Nothing was changed. What runs without a service: shoal daemon status',
  notStopped: (pid: number, seconds: number) =>
    `the Shoal in the background (pid ${pid}) has not ended within ${seconds} s`,
  notStoppedHint: 'It still finishes what it does. Look again later: shoal daemon status',
  outputLost: 'the result could not be written to standard output',
  otherNode: (flag: string, given: string, running: string) =>
    `${flag} ${given} was given, but Shoal already runs on this home with ${running}`,
  otherNodeHint: (flag: string) => `Leave ${flag} out, use another --home, or stop the Shoal that runs.`,
} as const

const ARGUMENTS = ['no argument', 'one argument', 'two arguments'] as const

export const USAGE = {
  seeHelp: (command: string) => `See ${command} --help.`,
  didYouMean: (suggestion: string) => `Did you mean ${suggestion}?`,
  noCommand: 'no command was given',
  unknownCommand: (command: string) => `there is no command ${command}`,
  linkAsCommand: 'a link is not a command',
  linkAsCommandHint: 'To download it: shoal fetch LINK',
  linkAsPath: 'a link is not a path',
  linkAsPathHint: 'The path comes first: shoal verify PATH LINK',
  unknownOption: (option: string) => `there is no option ${option}`,
  missingArgument: (name: string) => `${name} is missing`,
  missingValue: (option: string) => `${option} needs a value`,
  tooMany: (command: string, expected: number) =>
    `${command} takes ${ARGUMENTS[expected] ?? expected}, and more was given`,
  network: (given: string) => `there is no network ${given}`,
  networkHint: (names: readonly string[]) => `It is one of ${names.join(', ')}.`,
  shell: (given: string) => `there is no script for ${given}`,
  shellHint: (names: readonly string[]) => `It is one of ${names.join(', ')}.`,
  daemon: (given: string) => `shoal daemon ${given} is nothing that Shoal can do`,
  daemonHint: (names: readonly string[]) => `It is one of ${names.join(', ')}.`,
  duration: (option: string, given: string) => `${option} ${given} is not a time that Shoal can keep`,
  durationHint: 'It is a number with s, m, h or d, such as 90s or 2h, at most 24d; 0 is for ever.',
  times: (given: string) => `--times ${given} is not a whole number from 1 on`,
  forAndTimes: 'a share ends by --for or by --times, not by both',
  empty: (option: string) => `${option} is empty`,
  excludeInput: 'nothing can be left out of standard input',
  inputAmongPaths: '- is standard input, which is shared by itself',
  inputAmongPathsHint: 'Share it with a command of its own. A file of that name is ./-',
  notToStdout: (flag: string) => `${flag} does not go with -o -`,
  notToStdoutHint: 'To write one file of several: shoal cat LINK PATH',
  range: (given: string) => `--range ${given} is not a range of bytes`,
  rangeHint: 'It is A-B, counted from 0 and with both ends: 0-99 are the first 100 bytes.',
  rate: (flag: string, given: string) => `${flag} ${given} is not a speed`,
  rateHint: 'It is bytes a second, plain or with kB, MB or GB, such as 500kB or 2.5MB; 0 is no limit.',
  noLink: 'no link came from standard input',
  noLinkHint: 'Set SHOAL_LINK, or write the link as one line to standard input.',
  other: 'the command line could not be read',
} as const
