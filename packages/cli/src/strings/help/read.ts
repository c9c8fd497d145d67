/** Help of the commands that look at what a link points to, without saving it. */
import type { CommandHelp } from '../../command-help.ts'
import { CAT_OPTIONS, LIST_OPTIONS, VERIFY_OPTIONS } from '../options.ts'
import { LINK_ARGUMENT } from './fetch.ts'

export const READ_HELP: Readonly<Record<'ls' | 'cat' | 'verify', CommandHelp>> = {
  ls: {
    usage: 'shoal ls LINK [PATH] [options]',
    options: LIST_OPTIONS,
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
    options: CAT_OPTIONS,
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
    options: VERIFY_OPTIONS,
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
}
