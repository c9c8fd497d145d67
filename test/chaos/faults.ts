/** Where a program that shares or fetches is struck, and what it has to say of it. */
import type { Fault, Outcome } from './strace.ts'

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

/** Written by a checkpoint alone once it is made: its log holds all of it, and keeps it until a checkpoint succeeds. */
const CHECKPOINTED = /\/index\.db$/

/** What is wrong with what a program says whose disk failed it at `point`. */
export function wrongAnswer(
  effect: keyof typeof CODES,
  point: Pick<Fault, 'path'>,
  outcome: Outcome,
): string[] {
  const last = outcome.facts.at(-1)
  if (last?.type === 'error' && last['code'] === CODES[effect] && outcome.status === EXIT_DISK) return []
  // sqlite.org/wal.html: a checkpoint that fails is no fault of the transaction, nor of closing.
  const isLossless = CHECKPOINTED.test(point.path ?? '')
  if (isLossless && last?.type === 'done' && outcome.status === 0) return []
  return [`said ${JSON.stringify(last)}, exit ${outcome.status} ${outcome.stderr}`]
}
