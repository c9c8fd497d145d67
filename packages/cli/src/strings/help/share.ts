/** Help of the commands that share, and of those for what is shared. */
import type { CommandHelp } from '../../command-help.ts'
import { SHARE_OPTIONS } from '../options.ts'

export const SHARE_HELP: Readonly<Record<'share' | 'shares' | 'unshare', CommandHelp>> = {
  share: {
    usage: 'shoal share PATH... [options]',
    options: SHARE_OPTIONS,
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
