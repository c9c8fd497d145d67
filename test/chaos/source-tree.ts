/** What is shared: a folder that holds what is awkward to keep whole, and a large file. The same bytes each time. */
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export const FILES = 200
const MIB = 1_048_576
/** One file of several blocks. */
const LARGE_BYTES = 3_500_000
const FILES_PER_FOLDER = 20
/** Every tenth file is empty; the others have sizes of every magnitude up to this. */
const SMALL_MOST_BYTES = 40_000
const EMPTY_FOLDERS = ['empty', 'deep/er/and/empty']
/** Names are what a person has, not only what is easy. */
const ODD_NAMES = ['with space', 'übung 日本', 'quote\'"', '-dash', '%41']

/**
 * Writes a tree of many small files, empty ones, nested and empty folders below `folder`. Returns the bytes of all
 * files.
 */
export function writeSourceTree(folder: string): number {
  let bytes = 0
  for (let i = 0; i < FILES; i++) {
    const content = seededBytes(`file ${i}`, i === 0 ? LARGE_BYTES : sizeOf(i))
    const path = join(folder, folderOf(i), `${ODD_NAMES[i] ?? 'file'} ${i}`)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    bytes += content.byteLength
  }
  for (const path of EMPTY_FOLDERS) mkdirSync(join(folder, path), { recursive: true })
  return bytes
}

/** Writes a file of so many MiB. */
export async function writeLarge(path: string, mib: number): Promise<void> {
  const file = await open(path, 'w')
  for (let i = 0; i < mib; i++) await file.write(seededBytes(`${i}`, MIB))
  await file.close()
}

function folderOf(i: number): string {
  const group = Math.floor(i / FILES_PER_FOLDER)
  return group % 3 === 0 ? `group ${group}` : `group 0/nested ${group}/more`
}

function sizeOf(i: number): number {
  return i % 10 === 9 ? 0 : Math.floor(SMALL_MOST_BYTES ** ((i % 17) / 16))
}

/** The same bytes for the same seed, fast enough for many MiB. */
function seededBytes(seed: string, length: number): Uint8Array {
  return createHash('shake256', { outputLength: Math.max(1, length) })
    .update(seed)
    .digest()
    .subarray(0, length)
}
