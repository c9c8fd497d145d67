/** Help of the commands for what this device is called and goes by, and for its shells. */
import type { CommandHelp } from '../../command-help.ts'
import { ID_OPTIONS } from '../options.ts'

export const DEVICE_HELP: Readonly<Record<'config' | 'id' | 'completions', CommandHelp>> = {
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
        'an option of all commands, without its dashes: --network, --listen, --bootstrap, --peer, --mdns (on or off), --up, --down; given to a command, the option itself counts. Or quota: how much of the disk Shoal may use for what comes from standard input or a browser; schedule: limits by day and time; metered: is the connection metered (auto, on, off); on-metered: what downloads in the background then do (pause, go)',
      ],
      [
        'VALUE',
        'as the option takes it, several where that may be repeated; of quota bytes, such as 100GB; default: as if it had never been set. A schedule: DAYS FROM-TO, and up=RATE, down=RATE or pause, such as "mon-fri 08:00-18:00 down=1MB"; several, separated by ";", the first that fits counts; pause is for downloads in the background',
      ],
    ],
    output: [
      ['get', 'the value, several one a line; bytes a second or bytes, 0 = no limit; on or off'],
      ['list elsewhere', 'key, set or default, and each value, separated by tabs'],
      [
        'set',
        'up, down, quota, schedule, metered and on-metered hold for all that this device does, at once; the others when the Shoal that runs is started again',
      ],
    ],
    exits: [
      [0, 'done'],
      [2, 'wrong usage, or a value that makes no sense'],
      [5, 'the home cannot be read or written, or its settings are damaged'],
    ],
  },
  id: {
    usage: 'shoal id [ACTION FILE] [options]',
    options: ID_OPTIONS,
    sentence: 'Prints the name by which other devices know this one, or takes it along to another.',
    examples: [
      ['shoal id', 'print it'],
      ['shoal id export ~/ada.shoal-id', 'keep it safe: ask for a passphrase and save it to a file'],
    ],
    arguments: [
      [
        'ACTION',
        'export: save it to FILE, which only the passphrase opens. import: take it from there, into a home that has none',
      ],
      [
        'FILE',
        'what export makes, and never replaces. It has the identity, the spaces, and the links of what is shared, but not the files',
      ],
    ],
    exits: [
      [0, 'done'],
      [2, 'wrong usage, or a passphrase that is too short'],
      [4, 'another passphrase, or a file that is damaged'],
      [5, 'FILE or the identity is there already, or cannot be read or written'],
      [6, 'another Shoal holds the home'],
      [130, 'stopped'],
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
