/**
 * The options of all commands: their flags, and what the help says of them. A test holds all files here to the word
 * list of the interface: words of the machine room (root, peer, hash, ...) do not appear in them.
 */

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
  up: {
    flags: '--up <rate>',
    text: 'send no faster than this for this command: bytes a second, such as 500kB or 2.5MB; 0 = no limit',
  },
  down: {
    flags: '--down <rate>',
    text: 'receive no faster than this for this command, written the same way',
  },
  apiTcp: {
    flags: '--api-tcp <switch>',
    text: 'on or off: whether programs and browsers of this computer may talk to Shoal at 127.0.0.1 (default off, on in the background)',
  },
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
    text: 'what it is called for others (default: the last part of PATH, shared for several, or stdin)',
  },
  preserve: {
    flags: '--preserve',
    text: 'with --public: keep times and executable bits; private links always do',
  },
  skipUnreadable: {
    flags: '--skip-unreadable',
    text: 'leave out files that cannot be read, instead of stopping',
  },
  times: {
    flags: '--times <n>',
    text: 'stop by itself when so many devices got all of it from this one',
  },
  fresh: { flags: '--fresh', text: 'make a new link, even if the same was shared before' },
  for: {
    flags: '--for <duration>',
    text: 'stop sharing after this time: 30m, 2h, 7d; 0 = when stopped (default 0)',
  },
  detach: {
    flags: '--detach',
    text: 'print the link and leave the rest to Shoal in the background, which is started if need be and goes on over restarts, until shoal unshare',
  },
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
  seed: {
    flags: '--seed',
    text: 'when done, go on serving it to others under the same link, until Ctrl-C; with --detach until shoal unshare',
  },
  wait: {
    flags: '--wait <duration>',
    text: 'how long to look for a first source: 90s, 5m, 2h; 0 = for ever (default 30s)',
  },
  detach: {
    flags: '--detach',
    text: 'leave it to Shoal in the background, which is started if need be and goes on over restarts; see shoal fetches',
  },
} as const satisfies Record<string, OptionText>

export const CAT_OPTIONS = {
  range: { flags: '--range <a-b>', text: 'only bytes A to B, counted from 0 and with B: 0-99' },
  wait: FETCH_OPTIONS.wait,
} as const satisfies Record<string, OptionText>

export const VERIFY_OPTIONS = { wait: FETCH_OPTIONS.wait } as const satisfies Record<string, OptionText>

export const ID_OPTIONS = {
  passphraseFile: {
    flags: '--passphrase-file <file>',
    text: 'take the passphrase from the first line of this file, where nobody can be asked',
  },
} as const satisfies Record<string, OptionText>

export const LIST_OPTIONS = { wait: FETCH_OPTIONS.wait } as const satisfies Record<string, OptionText>
