/** Calls that change what is in a space: each makes of what people name the operations that come to it. */
import { CID } from 'multiformats/cid'
import { isShoalError, ShoalError } from '../../errors.ts'
import { escapeForDisplay } from '../../util/display.ts'
import { fromHex, toHex } from '../auth/action-codec.ts'
import { levelOf, WRITE } from '../auth/roles.ts'
import { decodeBatch } from '../catalogue/batch.ts'
import { fillBatches, type Together } from '../catalogue/fill-batches.ts'
import {
  MAX_NOTE_BYTES,
  MAX_REPLACED,
  MAX_SHOWN_TAGS,
  MAX_TAG_BYTES,
  MAX_TITLE_BYTES,
} from '../catalogue/limits.ts'
import type { Operation } from '../catalogue/operations.ts'
import type { Space } from '../space.ts'
import { mayNotWrite } from '../storage/not-permitted.ts'
import { MAX_PAGE } from '../storage/limits.ts'
import type { ShownEntry } from '../storage/shown-entry.ts'
import { foldTag } from '../storage/tag-form.ts'
import type { SpaceChange } from './answers.ts'
import type { SpaceCalls } from './calls.ts'
import { MAX_ENTRIES, MAX_LOOKED_AT } from './limits.ts'
import { nothingAt, rootOf, shownAt } from './read-calls.ts'

type Given<Name extends keyof SpaceCalls> = Omit<SpaceCalls[Name]['given'], 'space'>

/** @throws ShoalError ERR_SPACE_ROLE */
export function mayWrite(space: Space): void {
  const member = space.state.members.get(toHex(space.device.author.publicKey))
  if (member !== undefined && levelOf(member.role) >= WRITE) return
  throw mayNotWrite()
}

/** Puts files of one share in: new entries, or other contents of those that are at their paths. */
export function add(space: Space, { root, key, tags, files }: Given<'add'>): SpaceChange {
  checkTags(tags)
  mayWrite(space)
  const share = CID.parse(root).bytes
  // One for all of them: they are files of one share.
  const wrapped = space.contentOf({ root: share, key, inner: '', bytes: 0, type: '', modifiedMs: 0 })
  const changed = files.flatMap(({ path, inner, bytes, type, modifiedMs }): Together[] => {
    const content = { ...wrapped, inner, bytes, type, modifiedMs }
    const there = space.reader.at(path)
    if (there === undefined) {
      return [
        (place) => [
          { kind: 'put', path, content },
          ...tags.map((each) => ({ kind: 'tag', entry: place, tag: each, replaced: [] }) as const),
        ],
      ]
    }
    const { entry, version } = there
    const tagging = tagsFor(there, tags)
    const isSame = there.content.inner === inner && rootOf(there.content) === root
    const edit = { kind: 'edit', entry, replaced: [version], path, content } as const
    return isSame && tagging.length === 0 ? [] : [() => (isSame ? tagging : [edit, ...tagging])]
  })
  return write(space, changed, changed.length)
}

/** Moves what is at a path, or all that is in the folder of this path. @throws ShoalError ERR_NOT_IN_SPACE */
export function move(space: Space, { from, to }: Given<'move'>): SpaceChange {
  const moved = entriesOnce(shownAt(space, [from]))
  // One content stands at the path itself: then its letters may differ in case.
  const moves = moved.map(({ entry, path }) => (): Operation[] => [
    { kind: 'move', entry, path: joined(to, path.slice(from.length)) },
  ])
  return write(space, moves, moved.length)
}

/** Either may be empty: all of the space. What is below a folder begins with a slash. */
function joined(folder: string, below: string): string {
  const name = below.startsWith('/') ? below.slice(1) : below
  return folder === '' || name === '' ? folder + name : `${folder}/${name}`
}

/** Takes out what is at some paths, and all that is in folders of these paths. @throws ShoalError ERR_NOT_IN_SPACE */
export function remove(space: Space, { paths }: Given<'remove'>): SpaceChange {
  const removed = shownAt(space, paths)
  const operations = removed.map(({ entry, version }) => (): Operation[] => [
    { kind: 'delete', entry, replaced: [version] },
  ])
  return write(space, operations, removed.length)
}

/** Brings back what was at some paths, or in folders of these paths. @throws ShoalError ERR_NOT_IN_SPACE */
export function restore(space: Space, { paths }: Given<'restore'>): SpaceChange {
  const gone = paths.flatMap((path) => {
    const found = space.reader.lookup.gone(path, MAX_ENTRIES)
    if (found.length > 0) return found
    throw new ShoalError(
      'ERR_NOT_IN_SPACE',
      `nothing that was removed from the space was under "${escapeForDisplay(path)}"`,
    )
  })
  const operations = gone.map(({ entry, path, content }) => (): Operation[] => [
    { kind: 'restore', entry, replaced: [], path, content },
  ])
  return write(space, operations, gone.length)
}

export function tag(space: Space, { paths, tags }: Given<'tag'>): SpaceChange {
  checkTags(tags)
  const given = entriesOnce(shownAt(space, paths)).flatMap((shown): Together[] => {
    const tagging = tagsFor(shown, tags)
    return tagging.length === 0 ? [] : [() => tagging]
  })
  return write(space, given, given.length)
}

export function untag(space: Space, { paths, tags }: Given<'untag'>): SpaceChange {
  const taken = entriesOnce(shownAt(space, paths)).flatMap(({ entry }): Together[] => {
    const refs = tags.flatMap((each) => space.reader.lookup.tagged(entry, each))
    const sorted = refs.toSorted((a, b) => Buffer.compare(a, b))
    const parts: Operation[] = []
    for (let from = 0; from < sorted.length; from += MAX_REPLACED) {
      parts.push({ kind: 'untag', entry, replaced: sorted.slice(from, from + MAX_REPLACED) })
    }
    return parts.length === 0 ? [] : [() => parts]
  })
  return write(space, taken, taken.length)
}

export function note(space: Space, { path, text }: Given<'note'>): SpaceChange {
  if (!isWithin(text, MAX_NOTE_BYTES)) throw invalid(`a note has at most ${MAX_NOTE_BYTES} bytes`)
  const { entry } = shownOne(space, path)
  return write(space, [() => [{ kind: 'note', entry, text }]], 1)
}

/** The title of an entry, or with an empty path of the space. */
export function title(space: Space, { path, text }: Given<'title'>): SpaceChange {
  if (!isWithin(text, MAX_TITLE_BYTES)) throw invalid(`a title has at most ${MAX_TITLE_BYTES} bytes`)
  const entry = path === '' ? undefined : shownOne(space, path).entry
  return write(space, [() => [{ kind: 'title', entry, text }]], entry === undefined ? 0 : 1)
}

/**
 * Undoes a batch as things are now.
 *
 * @param given the last that this device wrote, when none is named
 * @throws ShoalError ERR_NOT_IN_SPACE
 */
export function undo(space: Space, { batch = lastOwn(space) }: Given<'undo'>): SpaceChange {
  if (batch === undefined || space.batchFrame(fromHex(batch)) === undefined)
    throw new ShoalError('ERR_NOT_IN_SPACE', 'there is nothing in the space that could be undone')
  const operations = space.reader.undo(fromHex(batch))
  const changed = new Set(operations.map((it) => ('entry' in it ? String(it.entry) : '')))
  const together = operations.map((operation) => (): Operation[] => [operation])
  return write(space, together, changed.size)
}

function write(space: Space, all: readonly Together[], entries: number): SpaceChange {
  try {
    const batches = fillBatches(all).map((operations) => toHex(decodeBatch(space.write(operations)).id))
    return { batches, entries }
  } catch (error) {
    // What no reader would take was not sent by a peer here.
    if (!isShoalError(error, 'ERR_PROTOCOL')) throw error
    throw new ShoalError('ERR_OPTIONS_INVALID', error.message, { cause: error })
  }
}

function lastOwn({ reader, device }: Space): string | undefined {
  for (let offset = 0; offset < MAX_LOOKED_AT; offset += MAX_PAGE) {
    const page = reader.history({ limit: MAX_PAGE, offset })
    for (const [item] of page) {
      const isOwn = item !== undefined && Buffer.compare(item.author, device.author.publicKey) === 0
      if (isOwn && item.counts) return toHex(item.batch)
    }
    if (page.length < MAX_PAGE) break
  }
  return undefined
}

function shownOne({ reader }: Space, path: string): ShownEntry {
  const shown = reader.at(path)
  if (shown === undefined) throw nothingAt(path)
  return shown
}

/** Several contents of one entry are one entry. */
function entriesOnce(shown: readonly ShownEntry[]): ShownEntry[] {
  return [...new Map(shown.map((each) => [toHex(each.entry), each])).values()]
}

/** Those that it has not got. */
function tagsFor({ entry, tags: present }: ShownEntry, tags: readonly string[]): Operation[] {
  const has = new Set(present.map((each) => foldTag(each)))
  return tags
    .filter((each) => !has.has(foldTag(each)))
    .map((each) => ({ kind: 'tag', entry, tag: each, replaced: [] }))
}

function checkTags(tags: readonly string[]): void {
  if (tags.length > MAX_SHOWN_TAGS) throw new ShoalError('ERR_LIMIT', `these are over ${MAX_SHOWN_TAGS} tags`)
  for (const each of tags) {
    const isTag = each !== '' && each.trim() === each && !each.includes('\n') && isWithin(each, MAX_TAG_BYTES)
    if (isTag) continue
    throw invalid(`a tag is one line of 1 to ${MAX_TAG_BYTES} bytes with no blank around it`)
  }
}

function isWithin(text: string, bytes: number): boolean {
  return Buffer.byteLength(text) <= bytes
}

function invalid(message: string): ShoalError {
  return new ShoalError('ERR_OPTIONS_INVALID', message)
}
