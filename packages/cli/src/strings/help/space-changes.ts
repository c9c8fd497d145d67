/** Help of the commands of `shoal space` that change what is in a space, and tell of changes and take them back. */
import type { CommandHelp } from '../../command-help.ts'
import { SPACE_TAG_OPTIONS } from '../space-options.ts'
import { EXITS, PATHS, SPACE, UNDOABLE } from './space-words.ts'

const FILE = ['PATH', 'of a file in the space'] as const

export const SPACE_CHANGE_HELP: Readonly<
  Record<'mv' | 'rm' | 'restore' | 'tag' | 'note' | 'title' | 'log' | 'undo', CommandHelp>
> = {
  mv: {
    usage: 'shoal space mv SPACE FROM TO [options]',
    sentence: 'Gives a file of a space, or a folder with all that is in it, another path.',
    examples: [
      ['shoal space mv studio cut.mov shoots/cut-1.mov', 'another folder and name'],
      ['shoal space mv studio clips shoots/clips', 'a whole folder'],
    ],
    arguments: [
      SPACE,
      ['FROM', 'its path in the space'],
      ['TO', 'the whole new path; one that ends with / is the folder to put it in'],
    ],
    output: UNDOABLE,
    exits: [[0, 'done'], EXITS.usage, EXITS.nothing, EXITS.home, EXITS.unsafe, EXITS.role, EXITS.stopped],
  },
  rm: {
    usage: 'shoal space rm SPACE PATH... [options]',
    sentence: 'Takes files out of a space. Files on this device stay as they are.',
    examples: [
      ['shoal space rm studio old.mov', 'take one out'],
      ['shoal space restore studio old.mov', 'bring it back'],
    ],
    arguments: [SPACE, PATHS],
    output: UNDOABLE,
    exits: [[0, 'done'], EXITS.usage, EXITS.nothing, EXITS.home, EXITS.role, EXITS.stopped],
  },
  restore: {
    usage: 'shoal space restore SPACE PATH... [options]',
    sentence: 'Brings back what was taken out of a space.',
    examples: [
      ['shoal space restore studio old.mov', 'bring one back'],
      ['shoal space restore studio clips', 'all that was in a folder'],
    ],
    arguments: [SPACE, ['PATH', 'where it was; of a folder: all that was in it']],
    output: UNDOABLE,
    exits: [
      [0, 'done'],
      EXITS.usage,
      [3, 'nothing that was taken out had that path'],
      EXITS.home,
      EXITS.role,
      EXITS.stopped,
    ],
  },
  tag: {
    usage: 'shoal space tag SPACE PATH... [--tag TAG]... [--untag TAG]... [options]',
    sentence: 'Gives files of a space tags, and takes tags away.',
    examples: [
      ['shoal space tag studio clips --tag raw --tag summer', 'two tags for all that is in a folder'],
      ['shoal space tag studio a.mov b.mov --tag done --untag draft', 'one instead of another'],
    ],
    arguments: [SPACE, PATHS],
    options: SPACE_TAG_OPTIONS,
    output: UNDOABLE,
    exits: [
      [0, 'done'],
      [2, 'wrong usage, or what is no tag; there is no such space; another command runs Shoal'],
      EXITS.nothing,
      EXITS.home,
      [7, 'over a limit'],
      EXITS.role,
      EXITS.stopped,
    ],
  },
  note: {
    usage: 'shoal space note SPACE PATH TEXT [options]',
    sentence: 'Writes a note to a file of a space, in place of the one it has.',
    examples: [
      ["shoal space note studio cut.mov 'sound is off after 2:10'", 'write it'],
      ["shoal space note studio cut.mov ''", 'take it away'],
    ],
    arguments: [SPACE, FILE, ['TEXT', 'the note; an empty one takes it away']],
    output: UNDOABLE,
    exits: [
      [0, 'done'],
      [2, 'wrong usage, or a note that is too long; there is no such space; another command runs Shoal'],
      EXITS.nothing,
      EXITS.home,
      EXITS.role,
      EXITS.stopped,
    ],
  },
  title: {
    usage: 'shoal space title SPACE PATH TEXT [options]',
    sentence: 'Gives a file of a space a title, or the space itself.',
    examples: [
      ["shoal space title studio cut.mov 'Rough cut'", 'of a file'],
      ["shoal space title studio / 'Summer film'", 'of the space'],
    ],
    arguments: [SPACE, ['PATH', 'of a file in the space; / is the space itself'], ['TEXT', 'the title']],
    output: UNDOABLE,
    exits: [
      [0, 'done'],
      [2, 'wrong usage, or a title that is too long; there is no such space; another command runs Shoal'],
      EXITS.nothing,
      EXITS.home,
      EXITS.role,
      EXITS.stopped,
    ],
  },
  log: {
    usage: 'shoal space log SPACE [PATH] [options]',
    sentence: 'Tells what was done in a space and by whom, the last first.',
    examples: [
      ['shoal space log studio', 'everything'],
      ['shoal space log studio cut.mov', 'what was done to one file'],
    ],
    arguments: [SPACE, ['PATH', 'of a file that is or was there; / for the title of the space']],
    output: [
      ['to a terminal', 'the beginning of the id of the change, by whom, what; the last 100'],
      [
        'elsewhere',
        'id of the change, id of who did it, what, counts or void, path and text, separated by tabs (- if there is none); the last 1,000',
      ],
      ['--quiet', 'the ids of the changes only'],
    ],
    exits: [
      [0, 'done'],
      EXITS.usage,
      [3, 'nothing in the space has or had that path'],
      EXITS.home,
      EXITS.stopped,
    ],
  },
  undo: {
    usage: 'shoal space undo SPACE [CHANGE...] [options]',
    sentence: 'Takes changes of a space back. What others did since stays.',
    examples: [
      ['shoal space undo studio', 'the last change of this device'],
      ['shoal space undo studio 3f9c', 'the one that the log shows with this id'],
    ],
    arguments: [
      SPACE,
      [
        'CHANGE',
        'an id as the log shows it, or its first 4 characters or more; several are taken back from the last to the first',
      ],
    ],
    output: UNDOABLE,
    exits: [
      [0, 'done'],
      [2, 'wrong usage, or several changes are meant; there is no such space; another command runs Shoal'],
      [3, 'there is no such change'],
      EXITS.home,
      EXITS.role,
      EXITS.stopped,
    ],
  },
}
