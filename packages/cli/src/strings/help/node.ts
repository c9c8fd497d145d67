/** Help of the commands that run Shoal, and of those that look at how it runs. */
import type { CommandHelp } from '../../command-help.ts'

export const NODE_HELP: Readonly<Record<'daemon' | 'status' | 'peers' | 'doctor', CommandHelp>> = {
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
      [
        'what happens',
        'in the file log/shoal.log of the home; SHOAL_LOG=debug, info, warn, error or off says how much, and with run sends it to standard error',
      ],
    ],
    exits: [
      [0, 'done, or it runs already'],
      [1, 'it cannot listen; or there is no service manager, or it refused'],
      [2, 'wrong usage; it runs with other options; or what runs is part of another command'],
      [5, 'the home cannot be read or written'],
      [6, 'no Shoal runs on this home, or it does not answer; run: one runs already'],
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
}
