/**
 * Judges the place where a fetch is to put its result, before the first block is asked for: what is missing is wanted,
 * what is there with the same bytes is kept, what differs ends the fetch or is replaced. A folder is never replaced by a
 * file or the reverse, and nothing is removed.
 */
import { join } from 'node:path'
import type { Entry } from '../content/entry.ts'
import { ShoalError } from '../errors.ts'
import { escapeForDisplay } from '../util/display.ts'
import type { Anchor } from './anchor.ts'
import type { BlockWorkers } from './block-workers.ts'
import type { ContentBlocks } from './content-blocks.ts'
import { KEPT, LEFT_OUT, WANTED, type Fates } from './fate.ts'
import { LocalBlocks } from './local-blocks.ts'
import { placedPath } from './staged-paths.ts'
import { survey } from './survey.ts'

/** Paths that a message names. */
const MAX_NAMED = 3

export interface DestinationInit {
  readonly destination: Anchor
  readonly workers: BlockWorkers
  /** The name of the result. */
  readonly name: string
  readonly entries: readonly Entry[]
  /** For each entry 1 or 0. */
  readonly isSelected: Uint8Array
  readonly blocks: ContentBlocks
  /** Replace files that differ. */
  readonly overwrite: boolean
  readonly signal: AbortSignal
}

export interface Judgement {
  readonly fates: Fates
  /** Blocks that only what a peer sends can tell apart: they hold bytes of a kept file and of another that is not there. */
  readonly unclear: readonly number[]
}

/** @throws ShoalError ERR_DESTINATION_EXISTS, and the disk's own errors */
export async function judgeDestination(init: DestinationInit): Promise<Judgement> {
  const of = Uint8Array.from(init.isSelected, (selected) => (selected === 1 ? WANTED : LEFT_OUT))
  const fates: Fates = { of, replacing: new Set(), isThere: await isTargetThere(init) }
  if (!fates.isThere) return { fates, unclear: [] }
  const { same, differing, blocked } = await compareSizes(init, of)
  if (blocked.length > 0) {
    throw refusal(init, blocked, 'there already, and not what this share has there', {
      hint: 'Move it away, or choose another folder with -o. A folder is never replaced by a file, nor a file by a folder.',
    })
  }
  for (const entry of same) of[entry] = KEPT
  const unclear = await compareBytes(init, of, same, differing)
  if (differing.length > 0 && !init.overwrite) throw differs(init, differing)
  for (const entry of differing) {
    of[entry] = WANTED
    fates.replacing.add(entry)
  }
  return { fates, unclear }
}

export function differs(
  init: Pick<DestinationInit, 'destination' | 'name' | 'entries'>,
  entries: readonly number[],
): ShoalError {
  return refusal(init, entries, 'there already, with other content', {
    hint: 'Choose another folder with -o, or replace such files with --overwrite.',
  })
}

async function isTargetThere({ destination, workers, name, entries }: DestinationInit): Promise<boolean> {
  const { kinds } = await workers.survey({ within: destination, paths: [name] })
  const [kind] = kinds
  if (kind === 'none') return false
  const expected = entries[0]?.path === '' ? 'file' : 'folder'
  if (kind === expected) return true
  const shown = escapeForDisplay(join(destination.path, name))
  throw new ShoalError('ERR_DESTINATION_EXISTS', `${shown} is there already, and is no ${expected}`)
}

/** Looks at everything that is selected: kind and size tell most differences. */
async function compareSizes(
  init: DestinationInit,
  of: Uint8Array,
): Promise<{ same: number[]; differing: number[]; blocked: number[] }> {
  const { destination, name, entries, isSelected } = init
  const same: number[] = []
  const differing: number[] = []
  const blocked: number[] = []
  const selected = entries.flatMap((_entry, i) => (isSelected[i] === 1 ? [i] : []))
  const place = { ...init, within: destination, pathOf: (entry: Entry) => placedPath(name, entry) }
  for await (const seen of survey(place, selected)) {
    const { kind, size } = entries[seen.index] as Entry
    if (seen.kind === 'none') continue
    if (seen.kind !== kind) blocked.push(seen.index)
    else if (kind === 'folder') of[seen.index] = KEPT
    else if (seen.size === size) same.push(seen.index)
    else differing.push(seen.index)
  }
  return { same, differing, blocked }
}

/**
 * Compares the bytes of files that have the right size. Adds to `differing` which hold others for certain; returns the
 * blocks that this could not tell of.
 */
async function compareBytes(
  init: DestinationInit,
  of: Uint8Array,
  same: readonly number[],
  differing: number[],
): Promise<number[]> {
  const { destination, name, blocks } = init
  const wrong = new Set<number>()
  const local = new LocalBlocks({
    ...init,
    within: destination,
    pathOf: (entry) => placedPath(name, entry),
    isOpen: (entry) => of[entry] === KEPT && !wrong.has(entry),
    onDiffering: (entry) => wrong.add(entry),
  })
  const unclear: number[] = []
  for await (const { block, isClear } of local.look(blocksHolding(same, blocks))) {
    if (!isClear) unclear.push(block)
  }
  differing.push(...wrong)
  return unclear.filter((block) => local.isOpen(block))
}

/** The numbers of the blocks of some files, ascending, each once. */
function* blocksHolding(files: readonly number[], blocks: ContentBlocks): Generator<number> {
  const spans = files.map((file) => blocks.blocksOf(file)).toSorted((a, b) => a.first - b.first)
  let next = 0
  for (const { first, count } of spans) {
    for (let block = Math.max(first, next); block < first + count; block++) yield block
    next = Math.max(next, first + count)
  }
}

function refusal(
  { destination, name, entries }: Pick<DestinationInit, 'destination' | 'name' | 'entries'>,
  refused: readonly number[],
  how: string,
  init: { hint: string },
): ShoalError {
  const named = refused.slice(0, MAX_NAMED).map((i) => {
    return escapeForDisplay(join(destination.path, placedPath(name, entries[i] as Entry)))
  })
  const more = refused.length > named.length ? ` and ${refused.length - named.length} more` : ''
  const verb = refused.length === 1 ? 'is' : 'are'
  return new ShoalError('ERR_DESTINATION_EXISTS', `${named.join(', ')}${more} ${verb} ${how}`, init)
}
