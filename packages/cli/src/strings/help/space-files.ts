/** Help of the commands of `shoal space` that look at files of a space, put files in and fetch them. */
import type { CommandHelp } from '../../command-help.ts'
import { SPACE_ADD_OPTIONS, SPACE_EXPORT_OPTIONS, SPACE_GET_OPTIONS } from '../space-options.ts'
import { EXITS, PATHS, SPACE, UNDOABLE } from './space-words.ts'

const QUERY = [
  'QUERY',
  'all of these have to match: word for what begins so, "two words", *part*, tag:NAME, type:image',
] as const

const ROWS = [
  ['to a terminal', 'size, time of the last change, here or listed (only in the list), path and tags'],
  [
    'elsewhere',
    'bytes, time in UTC, here or listed, the id of who added it, tags with commas between them (- if there is none) and path, separated by tabs',
  ],
  ['--quiet', 'the paths only'],
] as const

export const SPACE_FILE_HELP: Readonly<
  Record<'add' | 'ls' | 'search' | 'watch' | 'get' | 'export', CommandHelp>
> = {
  add: {
    usage: 'shoal space add SPACE PATH... [options]',
    sentence: 'Puts files and folders into a space, where they lie, and serves them to its members.',
    examples: [
      ['shoal space add studio ./clips --tag raw', 'put a folder in, with a tag'],
      ['shoal space add studio a.mov b.mov --at shoots/2026', 'put two files into a folder of the space'],
    ],
    arguments: [SPACE, ['PATH', 'a file or folder of this device; each is entered under its own name']],
    options: SPACE_ADD_OPTIONS,
    output: UNDOABLE,
    exits: [
      [0, 'done; what is in the space already stays as it is'],
      [2, 'wrong usage; two paths of one name; there is no such space; another command runs Shoal'],
      [5, 'a path is missing or cannot be read'],
      EXITS.unsafe,
      [8, 'this device may not put anything into the space'],
      [130, 'stopped with Ctrl-C'],
    ],
  },
  ls: {
    usage: 'shoal space ls SPACE [PATH] [options]',
    sentence: 'Lists what is in a space.',
    examples: [
      ['shoal space ls studio', 'list everything'],
      ['shoal space ls studio shoots/2026', 'list what lies below one folder'],
    ],
    arguments: [SPACE, ['PATH', 'a file, or a folder to list what lies below it']],
    output: ROWS,
    exits: [[0, 'listed to the end'], EXITS.usage, EXITS.nothing, EXITS.home, EXITS.stopped],
  },
  search: {
    usage: 'shoal space search SPACE QUERY [options]',
    sentence: 'Searches names, titles, tags and notes of what is in a space, not inside files; best first.',
    examples: [
      ["shoal space search studio 'sunset tag:raw'", 'words and a tag'],
      ["shoal space search studio '*.mov*'", 'what has these characters anywhere'],
    ],
    arguments: [SPACE, QUERY],
    output: [...ROWS, ['many', 'at most 500']],
    exits: [
      [0, 'done; also if nothing matches'],
      EXITS.usage,
      EXITS.home,
      [7, 'the query is too long'],
      EXITS.stopped,
    ],
  },
  watch: {
    usage: 'shoal space watch SPACE QUERY [options]',
    sentence:
      'Shows what a search finds, and what becomes of it with each change of the space, until Ctrl-C.',
    examples: [
      ['shoal space watch studio tag:new', 'see what comes and goes'],
      ['shoal space watch studio tag:new --json', 'all that matches, again after each change'],
    ],
    arguments: [SPACE, QUERY],
    output: [
      ['to a terminal', '+ and what came, - and what went, ~ and what changed'],
      ['elsewhere', 'the same: +, - or ~, bytes and path, separated by tabs'],
      ['--quiet', 'the paths of what came or changed'],
    ],
    exits: [[0, 'stopped with Ctrl-C'], EXITS.usage, EXITS.home, [7, 'the query is too long']],
  },
  get: {
    usage: 'shoal space get SPACE PATH... [options]',
    sentence:
      'Downloads files of a space from whoever has them, checks every byte, and prints where they lie.',
    examples: [
      ['shoal space get studio clips/a.mov -o ~/in', 'save one to a folder'],
      ['shoal space get studio clips', 'all that is in a folder of the space'],
    ],
    arguments: [SPACE, PATHS],
    options: SPACE_GET_OPTIONS,
    output: [
      ['where', 'in a folder with the name of what was put in together, as after shoal fetch'],
      ['elsewhere', 'a path for each file, one a line'],
    ],
    exits: [
      [0, 'saved, every byte checked'],
      EXITS.usage,
      [3, 'nobody who has it is online, or nothing in the space has that path'],
      [4, 'wrong data: nothing wrong was saved'],
      [5, 'the disk is full, or a file there differs'],
      EXITS.unsafe,
      [8, 'this device has no key for it'],
      [130, 'stopped with Ctrl-C before all was here'],
    ],
  },
  export: {
    usage: 'shoal space export SPACE [options]',
    sentence: 'Writes the whole list of a space, with all that is said of each file and without any key.',
    examples: [
      ['shoal space export studio -o studio.jsonl', 'into a new file'],
      ["shoal space export studio | jq -r 'select(.bytes > 1e9).path'", 'what is over 1 GB'],
    ],
    arguments: [SPACE],
    options: SPACE_EXPORT_OPTIONS,
    output: [
      ['always', 'one JSON object a line: first the space, then each file'],
      ['with -o', 'the path of the file'],
    ],
    exits: [
      [0, 'written to the end'],
      EXITS.usage,
      [5, 'the file is there already, or cannot be written; the home cannot be read'],
      EXITS.stopped,
    ],
  },
}
