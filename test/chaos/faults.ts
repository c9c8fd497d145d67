/** Where a program that shares or fetches is struck, and what it has to say of it. */
import type { Point } from './points.ts'
import type { Outcome } from './strace.ts'

/** Every call by which a file or folder is made, changed, named, removed or made durable. */
export const KILLED_SYSCALLS = [
  'fsync',
  'fdatasync',
  'pwrite64',
  'ftruncate',
  'rename',
  'renameat',
  'renameat2',
  'link',
  'linkat',
  'unlink',
  'unlinkat',
  'mkdir',
  'mkdirat',
  'rmdir',
]

/** Calls that need space on the disk or touch the medium. */
export const FAILED_SYSCALLS = [
  'fsync',
  'fdatasync',
  'pwrite64',
  'write',
  'ftruncate',
  'rename',
  'renameat',
  'renameat2',
  'mkdir',
  'mkdirat',
  'openat',
]

/** Files under a temporary name, and what is reached through an open folder. */
const RANDOM_NAME = /\.[0-9a-f]{24}$|^\/proc\/self\/fd\//

/** Is this path the same in every run? */
export function isStable(path: string): boolean {
  return !RANDOM_NAME.test(path)
}

const CODES = { ENOSPC: 'ERR_DISK_FULL', EIO: 'ERR_DISK' } as const
const EXIT_DISK = 5

/**
 * What SQLite passes over: a checkpoint that fails, at the sync of the log before it or at the index itself, since the log keeps
 * all of it until one succeeds (sqlite.org/wal.html), and that the folder of a new file could not be synced. The index is made
 * anew from the records if it is lost.
 */
const PASSED_OVER = /\/(index\.db(-wal)?|home)$/

/** What a fetch does without: devices met before are remembered for the next time, and nobody is told when that fails. */
const DONE_WITHOUT = /\/peers\.json(\.new)?$/

/** What is wrong with what a program says whose disk failed it at `point`. */
export function wrongAnswer(
  effect: keyof typeof CODES,
  { path, isOfIndex }: Pick<Point, 'path' | 'isOfIndex'>,
  outcome: Outcome,
): string[] {
  const last = outcome.facts.at(-1)
  if (last?.type === 'error' && outcome.status === EXIT_DISK) {
    if (last['code'] === CODES[effect]) return []
    // Of a disk that is full SQLite tells only where it appends to a file, else just that the disk failed.
    if (isOfIndex && last['code'] === CODES.EIO) return []
  }
  const isPassedOver = (isOfIndex && PASSED_OVER.test(path ?? '')) || DONE_WITHOUT.test(path ?? '')
  if (isPassedOver && last?.type === 'done' && outcome.status === 0) return []
  return [`said ${JSON.stringify(last)}, exit ${outcome.status} ${outcome.stderr}`]
}
