/**
 * Every sentence and word that people read, in one place. A test holds this file to the word list of the
 * interface: words of the machine room (root, peer, hash, ...) do not appear here.
 */
import type { StatusEvent } from '@shoal/node/control'
import { formatBytes, formatCount, formatDuration, formatRate } from './format.ts'

/** Word for word as in the interface brief: each is true, and a change needs a look at what the engine does. */
export const PRIVACY = {
  private:
    'Anyone who has the whole link can open this. Without it nobody can read the files or their names, not even devices that pass them on.',
  public:
    'Anyone can find, read and re-share this, even without your link. It is announced to the public network (or the network in use). Stopping does not remove copies that others took.',
  stopped:
    'This ends sharing on this device. Devices that already have files, or parts of them, can go on passing them to anyone with the link.',
} as const

const files = (count: number): string => formatCount(count, 'file', 'files')
const devices = (count: number): string => formatCount(count, 'device', 'devices')
export const sources = (count: number): string => formatCount(count, 'source', 'sources')
const visibility = (isPrivate: boolean): string => (isPrivate ? 'private link' : 'public')

/** Facts joined as `a, b`; empty ones are left out. */
const joined = (...facts: readonly string[]): string => facts.filter((fact) => fact !== '').join(', ')

export const TERMINAL = {
  reading: (name: string) => `Reading ${name}`,
  sharing: (name: string) => `Sharing ${name}`,
  ready: (content: { files: number; bytes: number; isFolder: boolean; isPrivate: boolean }) =>
    joined(
      content.isFolder ? files(content.files) : '',
      formatBytes(content.bytes),
      visibility(content.isPrivate),
    ),
  keepRunning: 'Keep this running until they have it. Ctrl-C stops sharing.',
  nobodyYet: 'nobody connected',
  connected: (count: number) => `${devices(count)} connected`,
  sent: (bytes: number) => `sent ${formatBytes(bytes)}`,
  stoppedSharing: (name: string, sentBytes: number) =>
    sentBytes > 0 ? `Stopped sharing ${name}. Sent ${formatBytes(sentBytes)}.` : `Stopped sharing ${name}.`,
  starting: 'Starting',
  searching: 'Looking for a source',
  waiting: (seconds: number) => `waiting ${formatDuration(Math.round(seconds))}`,
  nobodyOnline: 'Nobody who has this is connected. It goes on by itself when somebody is.',
  nothingComes: 'No data is coming at the moment. It goes on by itself when it does.',
  finishing: 'writing to disk',
  done: (bytes: number, seconds: number) => {
    const rate = formatRate(bytes / Math.max(seconds, 0.001))
    const took = `${formatBytes(bytes)} in ${formatDuration(seconds)}`
    return joined(rate === '' ? took : `${took} (${rate})`, 'every byte checked')
  },
  same: (bytes: number, seconds: number) =>
    `${formatBytes(bytes)} in ${formatDuration(seconds)}, the same as in the link`,
  alreadyHere: (bytes: number) => `${formatBytes(bytes)} was already here`,
  row: (size: string, time: string, name: string) => `${size}  ${time}  ${name}`,
  unknown: '-',
  status: (status: StatusEvent, shared: { count: number; bytes: number }): readonly string[] => [
    `Shoal runs (pid ${status.pid})`,
    `Network   ${joined(status.network, formatCount(status.addresses.length, 'address', 'addresses'))}`,
    shared.count === 0
      ? 'Sharing   nothing'
      : `Sharing   ${formatCount(shared.count, 'item', 'items')}, ${formatBytes(shared.bytes)}`,
  ],
  statusStale: (name: string) => `${name} changed since you shared it`,
  unshared: (name: string) => `Not sharing ${name} any more. Its link no longer works.`,
  moreWarnings: (count: number) => `and ${formatCount(count, 'warning', 'warnings')} more like these`,
} as const

/** What people are told of the state of a share; scripts get its own word. */
export const SHARE_STATES = { serving: 'sharing', stopped: 'stopped', stale: 'changed' } as const

/** Plain lines: what a log keeps, one exact fact a line. */
export const PLAIN = {
  reading: (name: string) => `share ${name}: reading`,
  read: (name: string, percent: string, bytes: number) => `share ${name}: ${percent} read, ${bytes} bytes`,
  ready: (name: string, content: { files: number; bytes: number; isFolder: boolean; isPrivate: boolean }) =>
    `share ${name}: ${joined(
      'ready',
      content.isFolder ? files(content.files) : '',
      `${content.bytes} bytes`,
      visibility(content.isPrivate),
    )}`,
  privacy: (name: string, sentence: string) => `share ${name}: ${sentence}`,
  served: (name: string, bytes: number, connected: number) =>
    `share ${name}: sent ${bytes} bytes, ${devices(connected)} connected`,
  stopped: (name: string, bytes: number) => `share ${name}: stopped, sent ${bytes} bytes`,
  searching: 'fetch: looking for a source',
  begun: (name: string, count: number, bytes: number) => `fetch ${name}: ${files(count)}, ${bytes} bytes`,
  progress: (name: string, facts: { percent: string; bytes: number; rate: number; sources: number }) =>
    `fetch ${name}: ${joined(
      facts.percent,
      `${facts.bytes} bytes`,
      formatRate(facts.rate),
      sources(facts.sources),
    )}`,
  waiting: (name: string | undefined, seconds: number) =>
    `${name === undefined ? 'fetch' : `fetch ${name}`}: waiting, ${seconds} s without data`,
  done: (name: string, bytes: number, seconds: number) =>
    `fetch ${name}: done, ${bytes} bytes, ${Number(seconds.toFixed(1))} s`,
  alreadyHere: (name: string, bytes: number) => `fetch ${name}: ${bytes} bytes were already here`,
  comparing: (name: string) => `verify ${name}: looking for a source`,
  compared: (name: string, percent: string, bytes: number) =>
    `verify ${name}: ${percent} compared, ${bytes} bytes`,
  same: (name: string, bytes: number, seconds: number) =>
    `verify ${name}: the same, ${bytes} bytes, ${Number(seconds.toFixed(1))} s`,
  contentWaiting: (command: string, seconds: number) => `${command}: waiting, ${seconds} s without data`,
  listWaiting: (seconds: number) => `ls: waiting, ${seconds} s without data`,
  /** Numbers and times for scripts, separated by tabs; a name has none of its own, for it is escaped. */
  row: (bytes: number, time: string, name: string) => `${bytes}\t${time}\t${name}`,
  /** Fields for scripts, separated by tabs. */
  status: (status: StatusEvent): readonly string[] => [
    `pid\t${status.pid}`,
    `network\t${status.network}`,
    ...status.addresses.map((address) => `address\t${address}`),
  ],
  statusShare: (state: string, bytes: number, name: string) => `share\t${state}\t${bytes}\t${name}`,
  share: (state: string, bytes: number, name: string, link: string) => `${state}\t${bytes}\t${name}\t${link}`,
  unshared: (name: string) => `unshare ${name}: done, its link no longer works`,
  warning: (message: string) => `warning: ${message}`,
} as const

export const WARNINGS = {
  linkChanged:
    'The Shoal that served this ended, and what is shared was changed since: this command goes on by itself with a new link.',
  stalled: (seconds: number) => `no data for ${seconds} s`,
} as const

export const PROMPTS = {
  link: 'Paste the link, then press Enter: ',
} as const

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
  inputLost: 'the Shoal that read standard input ended, and it cannot be read again',
  notRunning: (home: string) => `no Shoal runs on ${home}`,
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
  unknownOption: (option: string) => `there is no option ${option}`,
  missingArgument: (name: string) => `${name} is missing`,
  missingValue: (option: string) => `${option} needs a value`,
  tooMany: (command: string, expected: number) =>
    `${command} takes ${ARGUMENTS[expected] ?? expected}, and more was given`,
  network: (given: string) => `there is no network ${given}`,
  networkHint: (names: readonly string[]) => `It is one of ${names.join(', ')}.`,
  duration: (option: string, given: string) => `${option} ${given} is not a time that Shoal can keep`,
  durationHint: 'It is a number with s, m, h or d, such as 90s or 2h, at most 24d; 0 waits for ever.',
  empty: (option: string) => `${option} is empty`,
  excludeInput: 'nothing can be left out of standard input',
  notToStdout: (flag: string) => `${flag} does not go with -o -`,
  notToStdoutHint: 'To write one file of several: shoal cat LINK PATH',
  range: (given: string) => `--range ${given} is not a range of bytes`,
  rangeHint: 'It is A-B, counted from 0 and with both ends: 0-99 are the first 100 bytes.',
  noLink: 'no link came from standard input',
  noLinkHint: 'Set SHOAL_LINK, or write the link as one line to standard input.',
  other: 'the command line could not be read',
} as const

export interface OptionText {
  readonly flags: string
  readonly text: string
}

export const COMMON_OPTIONS = {
  home: { flags: '--home <dir>', text: 'where Shoal keeps its own files (SHOAL_HOME; default ~/.shoal)' },
  network: {
    flags: '--network <name>',
    text: 'public, lan or private: which network to belong to (default public)',
  },
  listen: { flags: '--listen <address>', text: 'where to accept connections, such as /ip4/0.0.0.0/tcp/4001' },
  peer: { flags: '--peer <address>', text: 'another device to ask, besides those in the link' },
  bootstrap: {
    flags: '--bootstrap <address>',
    text: 'a device through which to join the network, instead of the usual ones',
  },
  mdns: { flags: '--mdns', text: 'look on this local network too where --network private would not' },
  json: { flags: '--json', text: 'one JSON object a line on standard output, nothing else anywhere' },
  quiet: { flags: '--quiet', text: 'the result only, or one line that says what went wrong' },
  verbose: {
    flags: '--verbose',
    text: 'when a command fails, add where in the program that was and what caused it',
  },
  help: { flags: '--help', text: 'this text' },
  version: { flags: '--version', text: 'the version of Shoal' },
} as const satisfies Record<string, OptionText>

/** Options that may be given more than once. */
export const REPEATS = 'may be repeated'

export const SHARE_OPTIONS = {
  public: { flags: '--public', text: 'anyone can find and read it, also with other IPFS tools' },
  name: {
    flags: '--name <name>',
    text: 'what it is called for others (default: the last part of PATH, or stdin)',
  },
  preserve: {
    flags: '--preserve',
    text: 'with --public: keep times and executable bits; private links always do',
  },
  skipUnreadable: {
    flags: '--skip-unreadable',
    text: 'leave out files that cannot be read, instead of stopping',
  },
  fresh: { flags: '--fresh', text: 'make a new link, even if the same was shared before' },
  exclude: {
    flags: '--exclude <glob>',
    text: "leave out what matches, such as '*.tmp', build/ or docs/*.pdf; a file .shoalignore in a folder, which is shared itself, does the same with one pattern a line",
  },
} as const satisfies Record<string, OptionText>

export const FETCH_OPTIONS = {
  o: {
    flags: '-o <dir>',
    text: 'the folder to save to (default: this one); - writes a single file to standard output',
  },
  only: {
    flags: '--only <glob>',
    text: "save only what matches, such as '*.jpg' or photos/2026; may be given again",
  },
  overwrite: {
    flags: '--overwrite',
    text: 'replace files there that differ; without it, equal files are kept and others end it',
  },
  wait: {
    flags: '--wait <duration>',
    text: 'how long to look for a first source: 90s, 5m, 2h; 0 = for ever (default 30s)',
  },
} as const satisfies Record<string, OptionText>

export const CAT_OPTIONS = {
  range: { flags: '--range <a-b>', text: 'only bytes A to B, counted from 0 and with B: 0-99' },
  wait: FETCH_OPTIONS.wait,
} as const satisfies Record<string, OptionText>

export const VERIFY_OPTIONS = { wait: FETCH_OPTIONS.wait } as const satisfies Record<string, OptionText>

export const LIST_OPTIONS = { wait: FETCH_OPTIONS.wait } as const satisfies Record<string, OptionText>

export interface CommandHelp {
  readonly usage: string
  readonly sentence: string
  readonly examples: readonly [command: string, effect: string][]
  readonly arguments: readonly (readonly [name: string, text: string])[]
  /** What the result looks like, where that is not plain. */
  readonly output?: readonly (readonly [when: string, text: string])[]
  readonly exits: readonly [status: number, text: string][]
}

const LINK_ARGUMENT = [
  'LINK',
  'the link; - reads it from SHOAL_LINK, else from one line of standard input',
] as const

type CommandName = 'share' | 'fetch' | 'ls' | 'cat' | 'verify' | 'id' | 'shares' | 'status' | 'unshare'

export const HELP: Readonly<Record<CommandName, CommandHelp>> = {
  share: {
    usage: 'shoal share PATH [options]',
    sentence: 'Prints a link to a file or folder and serves it, where it lies, until stopped.',
    examples: [
      ['shoal share ./holiday', 'print a private link, serve until Ctrl-C'],
      ['shoal share talk.mp4 --public', 'let anyone find and read it'],
    ],
    arguments: [
      [
        'PATH',
        'the file or folder; - shares standard input, kept until shoal unshare; for a file of that name ./-',
      ],
    ],
    exits: [
      [0, 'stopped with Ctrl-C'],
      [2, 'wrong usage'],
      [5, 'the path is missing or cannot be read'],
      [7, 'unsafe name, or over a limit'],
    ],
  },
  fetch: {
    usage: 'shoal fetch LINK [options]',
    sentence: 'Downloads what a link points to, checks every byte, and prints where it lies.',
    examples: [
      ["shoal fetch 'shoal://…' -o ~/in", 'save it to a folder'],
      ['shoal fetch - --wait 2h < link.txt', 'read the link from a file, wait for the sender'],
    ],
    arguments: [LINK_ARGUMENT],
    exits: [
      [0, 'saved, every byte checked'],
      [2, 'wrong usage, or the link was cut off or changed'],
      [3, 'nobody who has it is online, it is gone, or nothing in it matches'],
      [4, 'wrong key or wrong data: nothing was saved'],
      [5, 'the disk is full, or a file there differs'],
      [7, 'unsafe name, or over a limit'],
      [130, 'stopped with Ctrl-C'],
    ],
  },
  ls: {
    usage: 'shoal ls LINK [PATH] [options]',
    sentence: 'Lists the files and folders that a link points to, without downloading them.',
    examples: [
      ["shoal ls 'shoal://…'", 'list everything'],
      ["shoal ls 'shoal://…' photos/2026", 'list what lies below one folder'],
    ],
    arguments: [
      LINK_ARGUMENT,
      ['PATH', 'a file, or a folder to list what lies below it, inside what was shared'],
    ],
    output: [
      ['to a terminal', 'size, time of the last change, name; a folder ends with /'],
      ['elsewhere', 'bytes, time in UTC (- if unknown) and name, separated by tabs'],
      ['--quiet', 'the names only'],
    ],
    exits: [
      [0, 'listed to the end'],
      [2, 'wrong usage, or the link was cut off or changed'],
      [3, 'nobody who has it is online, it is gone, or PATH is not in it'],
      [4, 'wrong key or wrong data'],
      [7, 'over a limit'],
      [130, 'stopped with Ctrl-C'],
    ],
  },
  cat: {
    usage: 'shoal cat LINK [PATH] [options]',
    sentence: 'Writes one file that a link points to, or a part of it, to standard output.',
    examples: [
      ["shoal cat 'shoal://…' notes/today.txt", 'read one file of a folder'],
      ["shoal cat 'shoal://…' --range 0-99", 'only its first 100 bytes'],
    ],
    arguments: [
      LINK_ARGUMENT,
      ['PATH', 'the file inside what was shared; not needed where that is a single file'],
    ],
    output: [
      ['always', 'the content on standard output, and nothing else there'],
      ['--json', 'progress and errors, on standard error'],
    ],
    exits: [
      [0, 'written to the end, every byte checked; or the reader had enough'],
      [2, 'wrong usage, PATH is a folder, the range begins beyond the end'],
      [3, 'nobody who has it is online, it is gone, or PATH is not in it'],
      [4, 'wrong key or wrong data: nothing wrong was written'],
      [5, 'standard output cannot be written'],
      [7, 'over a limit'],
      [130, 'stopped with Ctrl-C'],
    ],
  },
  verify: {
    usage: 'shoal verify PATH LINK [options]',
    sentence: 'Compares files on this device with what a link points to, without downloading that.',
    examples: [
      ["shoal verify ./holiday 'shoal://…'", 'are these the same files?'],
      ["shoal verify a.mp4 'shoal://…' --quiet", 'only paths that differ'],
    ],
    arguments: [['PATH', 'the file or folder that should be what was shared'], LINK_ARGUMENT],
    output: [['always', 'the path of each file or folder that is missing or different, one a line']],
    exits: [
      [0, 'everything the link points to is there, every byte the same; more may be there, too'],
      [2, 'wrong usage, or the link was cut off or changed'],
      [3, 'nobody who has it is online, or it is gone'],
      [4, 'something differs or is missing; or wrong key, or wrong data'],
      [5, 'PATH is missing or cannot be read'],
      [7, 'over a limit'],
      [130, 'stopped with Ctrl-C'],
    ],
  },
  id: {
    usage: 'shoal id [options]',
    sentence: 'Prints the name by which other devices know this one.',
    examples: [
      ['shoal id', 'print it'],
      ['shoal id --home /srv/shoal --json', 'print it for another home, for a script'],
    ],
    arguments: [],
    exits: [
      [0, 'done'],
      [2, 'wrong usage'],
      [5, 'the home cannot be read or written'],
    ],
  },
  shares: {
    usage: 'shoal shares [options]',
    sentence: 'Lists what this device shares or shared, with the links.',
    examples: [
      ['shoal shares', 'list them'],
      ['shoal shares --json', 'one JSON object for each, for a script'],
    ],
    arguments: [],
    output: [
      ['to a terminal', 'state, size and name, then the link on a line of its own'],
      ['elsewhere', 'serving, stopped or stale, bytes, name and link, separated by tabs'],
      ['--quiet', 'the links only'],
      ['changed', 'files are gone or were changed since: share them again for a link to what they are now'],
    ],
    exits: [
      [0, 'done'],
      [2, 'wrong usage'],
      [5, 'the home cannot be read or written'],
    ],
  },
  status: {
    usage: 'shoal status [options]',
    sentence: 'Prints how the Shoal that runs is reached, and what it shares.',
    examples: [
      ['shoal status', 'print it'],
      ['shoal status --quiet', 'print its process id, or fail'],
    ],
    arguments: [],
    output: [
      ['elsewhere', 'pid, network, each address and each share, on lines with tabs'],
      ['--quiet', 'the process id'],
    ],
    exits: [
      [0, 'it runs'],
      [2, 'wrong usage'],
      [6, 'no Shoal runs on this home'],
    ],
  },
  unshare: {
    usage: 'shoal unshare LINK [options]',
    sentence: 'Stops sharing something for good and forgets it. Your files stay as they are.',
    examples: [
      ["shoal unshare 'shoal://…'", 'by its link'],
      ['shoal unshare bafyreigdyr…', 'by the part of the link before the #'],
    ],
    arguments: [['LINK', 'a link, or its part between shoal:// and #, which is no secret']],
    exits: [
      [0, 'done'],
      [2, 'wrong usage, or nothing of this home has that link'],
      [5, 'the home cannot be read or written'],
    ],
  },
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
  ],
  rows: [
    ['Move', ['share', 'fetch', 'ls', 'cat', 'verify']],
    ['Watch', ['status', 'shares']],
    ['Device', ['id', 'unshare']],
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
