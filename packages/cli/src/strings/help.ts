/**
 * The help of each command, and of all together. A test holds all files here to the word list of the interface:
 * words of the machine room (root, peer, hash, ...) do not appear in them.
 */

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
  | 'completions'

export const HELP: Readonly<Record<CommandName, CommandHelp>> = {
  share: {
    usage: 'shoal share PATH... [options]',
    sentence: 'Prints a link to files and folders and serves them, where they lie, until stopped.',
    examples: [
      ['shoal share ./holiday', 'print a private link, serve until Ctrl-C'],
      ['shoal share talk.mp4 --public', 'let anyone find and read it'],
    ],
    arguments: [
      [
        'PATH',
        'a file or folder; several become one folder with each under its own name; - shares standard input, kept until shoal unshare; for a file of that name ./-',
      ],
    ],
    exits: [
      [0, 'stopped with Ctrl-C, or by --for or --times; with --detach: the link is printed'],
      [
        2,
        'wrong usage; two paths of one name, or one inside another; --detach while another command runs Shoal',
      ],
      [5, 'a path is missing or cannot be read'],
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
      [0, 'saved, every byte checked; with --detach: taken in'],
      [2, 'wrong usage, or the link was cut off or changed; --detach while another command runs Shoal'],
      [3, 'nobody who has it is online, it is gone, or nothing in it matches'],
      [4, 'wrong key or wrong data: nothing was saved'],
      [5, 'the disk is full, or a file there differs'],
      [7, 'unsafe name, or over a limit'],
      [130, 'stopped with Ctrl-C before it was here'],
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
      [
        'elsewhere',
        'pid, in the background yes or no, seconds since the start, network, devices connected, items still to be announced, limits up and down in bytes a second (0 = none), each address and each share, on lines with tabs',
      ],
      ['--quiet', 'the process id'],
    ],
    exits: [
      [0, 'it runs'],
      [2, 'wrong usage'],
      [6, 'no Shoal runs on this home'],
    ],
  },
  peers: {
    usage: 'shoal peers [options]',
    sentence: 'Lists the devices that the Shoal that runs is connected to now, Shoal devices first.',
    examples: [
      ['shoal peers', 'list them'],
      ['shoal peers --json', 'one JSON object for each, for a script'],
    ],
    arguments: [],
    output: [
      [
        'to a terminal',
        'name, Shoal or other (- until it tells), direct or indirect, who connected (in: it did; out: this device), for how long, address',
      ],
      [
        'elsewhere',
        'name in full, direct or indirect, in or out, seconds, shoal, other or -, address, separated by tabs',
      ],
      ['--quiet', 'the names in full only'],
    ],
    exits: [
      [0, 'done'],
      [2, 'wrong usage'],
      [6, 'no Shoal runs on this home'],
    ],
  },
  doctor: {
    usage: 'shoal doctor [options]',
    sentence: 'Looks at what commonly keeps Shoal from working, and says what to do about it.',
    examples: [
      ['shoal doctor', 'look at everything; takes at most 10 seconds'],
      [
        'shoal doctor --json',
        'the same for a report: it names addresses and folders of this device, no keys',
      ],
    ],
    arguments: [],
    output: [
      ['to a terminal', 'what was looked at, what that means, and how to fix it'],
      [
        'elsewhere',
        'ok, warning or problem, what was looked at, what that means and how to fix it (- if nothing is to be done), separated by tabs',
      ],
      ['--quiet', 'warnings and problems only'],
    ],
    exits: [
      [0, 'looked at everything, whatever was found'],
      [2, 'wrong usage, or Shoal runs with other options'],
      [130, 'stopped with Ctrl-C'],
    ],
  },
  daemon: {
    usage: 'shoal daemon ACTION [options]',
    sentence: 'Runs Shoal in the background; other commands then use it.',
    examples: [
      ['shoal daemon start --up 5MB', 'start it, sending at most 5 MB a second in all'],
      ['shoal daemon stop', 'end it; commands that use it go on by themselves'],
    ],
    arguments: [
      [
        'ACTION',
        'start it, unless it runs; stop it; status, as shoal status prints it; install it, so that it starts whenever you log in, or uninstall it; run it here until Ctrl-C',
      ],
    ],
    output: [
      ['--quiet', 'the process id; nothing after stop'],
      [
        'its own words',
        'in the file daemon.log of the home, since it was started; of a service where its manager keeps them',
      ],
    ],
    exits: [
      [0, 'done, or it runs already'],
      [1, 'it cannot listen; or there is no service manager, or it refused'],
      [2, 'wrong usage; it runs with other options; or what runs is part of another command'],
      [5, 'the home cannot be read or written'],
      [6, 'no Shoal runs on this home, or it does not answer'],
    ],
  },
  config: {
    usage: 'shoal config ACTION [KEY [VALUE...]]',
    sentence: 'Prints and changes what all commands on this device go by where they are not told otherwise.',
    examples: [
      ['shoal config set up 500kB', 'send at most 500 kB a second in all, at once'],
      ['shoal config list', 'print all settings'],
    ],
    arguments: [
      ['ACTION', 'get one, set one, or list all'],
      [
        'KEY',
        'an option of all commands, without its dashes: --network, --listen, --bootstrap, --peer, --mdns (on or off), --up, --down; given to a command, the option itself counts',
      ],
      [
        'VALUE',
        'as the option takes it, several where that may be repeated; default: as if it had never been set',
      ],
    ],
    output: [
      ['get', 'the value, several one a line; bytes a second, 0 = no limit; on or off'],
      ['list elsewhere', 'key, set or default, and each value, separated by tabs'],
      [
        'set',
        '--up and --down hold for all that this device does, at once; the others when the Shoal that runs is started again',
      ],
    ],
    exits: [
      [0, 'done'],
      [2, 'wrong usage, or a value that makes no sense'],
      [5, 'the home cannot be read or written, or its settings are damaged'],
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
  fetches: {
    usage: 'shoal fetches [ACTION ID] [options]',
    sentence: 'Lists what is downloaded in the background, and pauses, resumes or cancels it.',
    examples: [
      ['shoal fetches', 'how far each is, and what it waits for'],
      ['shoal fetches pause 3f9c', 'stop one for now; what is here already is kept'],
    ],
    arguments: [
      [
        'ACTION',
        'pause one; resume one that was paused or has failed; cancel one for good, which leaves what is here already in a hidden folder',
      ],
      ['ID', 'as the list shows it, or its first characters'],
    ],
    output: [
      ['to a terminal', 'id, state, how far it is and name; what it waits for; where it is saved'],
      [
        'elsewhere',
        'id, state, reason, bytes here, bytes in all, bytes a second, name and path, separated by tabs; - if there is none',
      ],
      ['--quiet', 'the ids only'],
    ],
    exits: [
      [0, 'done'],
      [2, 'wrong usage; nothing has that id, or several; a change while another command runs Shoal'],
      [5, 'the home cannot be read or written'],
    ],
  },
  completions: {
    usage: 'shoal completions SHELL [options]',
    sentence: 'Prints a script with which a shell completes commands, options, files and your shared items.',
    examples: [
      ['source <(shoal completions bash)', 'complete in this bash'],
      ['shoal completions fish | source', 'complete in this fish'],
    ],
    arguments: [['SHELL', 'zsh, bash, fish or pwsh']],
    output: [
      [
        'to keep it',
        'put the example into ~/.bashrc or config.fish; for zsh the first with zsh in place of bash, after compinit, into ~/.zshrc',
      ],
      ['pwsh', 'shoal completions pwsh | Out-String | Invoke-Expression in $PROFILE'],
    ],
    exits: [
      [0, 'done'],
      [2, 'wrong usage'],
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
    ['Watch', ['status', 'shares', 'fetches', 'peers', 'doctor']],
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
