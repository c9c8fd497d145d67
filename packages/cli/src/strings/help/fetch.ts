/** Help of the commands that download. */
import type { CommandHelp } from '../../command-help.ts'
import { FETCH_OPTIONS } from '../options.ts'

export const LINK_ARGUMENT = [
  'LINK',
  'the link; - reads it from SHOAL_LINK, else from one line of standard input',
] as const

export const FETCH_HELP: Readonly<Record<'fetch' | 'fetches', CommandHelp>> = {
  fetch: {
    usage: 'shoal fetch LINK [options]',
    options: FETCH_OPTIONS,
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
}
