/**
 * Puts a link in the place of any folder at or below PARENT and the folder back again, with pauses of random length, until
 * the file STOP appears. A link leads to the folder of the same place below OUTSIDE. Before the file GO is there, only
 * folders in a private folder of a fetch are raced: where the path leads that a person gives is theirs to say, and
 * nobody can tell a link of theirs from another's.
 *
 * Usage: node racer-program.ts PARENT OUTSIDE STOP GO MOST_PAUSE_MS
 */
import { existsSync, lstatSync, readdirSync, renameSync, rmSync, symlinkSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'

/** Swaps between two looks at which folders there are. */
const SWAPS = 10
/** Longest time for which a link stands, in milliseconds; a random share of it each time. */
const MOST_HELD_MS = 3
/** It ends by itself after this long, should nobody be left to say so, in milliseconds. */
const MOST_MS = 60_000

const [parent = '', outside = '', stop = '', go = '', mostPauseMs = '0'] = process.argv.slice(2)
/** Beside what is raced, so that nothing of it lies in there. */
const held = `${parent}.held`
const waiting = new Int32Array(new SharedArrayBuffer(4))
/** What a fetch calls its private folder is not known beforehand. */
const PRIVATE = /\.shoal-[0-9a-f]{16}/
let swaps = 0

function foldersBelow(path: string, found: string[]): string[] {
  found.push(path)
  for (const entry of readdirSync(join(parent, path), { withFileTypes: true })) {
    if (entry.isDirectory()) foldersBelow(join(path, entry.name), found)
  }
  return found
}

function swap(path: string): void {
  const place = join(parent, path)
  if (!lstatSync(place).isDirectory()) return
  symlinkSync(join(outside, path.replace(PRIVATE, 'staged')), `${held}.link`)
  renameSync(place, held)
  try {
    renameSync(`${held}.link`, place)
    Atomics.wait(waiting, 0, 0, Math.random() * MOST_HELD_MS)
    unlinkSync(place)
  } finally {
    renameSync(held, place)
    swaps++
  }
}

while (!existsSync(stop) && performance.now() < MOST_MS) {
  try {
    const isGo = existsSync(go)
    const folders = foldersBelow('', []).filter((path) => isGo || PRIVATE.test(path))
    if (folders.length === 0) continue
    for (let i = 0; i < SWAPS; i++) {
      Atomics.wait(waiting, 0, 0, Math.random() * Number(mostPauseMs))
      swap(folders[Math.floor(Math.random() * folders.length)] as string)
    }
  } catch {
    // What it races came first: the folder is gone, or another stands in its place.
    rmSync(held, { recursive: true, force: true })
    rmSync(`${held}.link`, { force: true })
  }
}
process.stdout.write(`${JSON.stringify({ type: 'raced', swaps })}\n`)
