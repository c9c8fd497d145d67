/** Commands of `shoal space` that change what is in a space, and those that tell of changes and take them back. */
import { MAX_NOTE_BYTES, MAX_TITLE_BYTES } from '@shoal/node/control'
import { SPACE_USAGE } from '../strings/space-errors.ts'
import { SPACE_TAG_OPTIONS } from '../strings/space-options.ts'
import { usageError } from '../usage-errors.ts'
import { addValue, list } from './options.ts'
import type { SpaceGroup } from './space-group.ts'
import { changeId, inSpace, spaceRef, within } from './space-values.ts'

/** Of what is written to a file. */
const MOST_BYTES = { note: MAX_NOTE_BYTES, title: MAX_TITLE_BYTES } as const

export function declareSpaceChanges(group: SpaceGroup): void {
  const move = group.add('mv', '<SPACE>', '<FROM>', '<TO>')
  group.asks(move, (space: string, from: string, to: string) => ({
    action: 'mv',
    space: spaceRef(space),
    ...moveOf(inSpace(from, 'FROM'), inSpace(to, 'TO')),
  }))
  for (const action of ['rm', 'restore'] as const) {
    group.asks(group.add(action, '<SPACE>', '<PATH...>'), (space: string, paths: readonly string[]) => ({
      action,
      space: spaceRef(space),
      paths: paths.map((path) => inSpace(path)),
    }))
  }
  declareTag(group)
  for (const action of ['note', 'title'] as const) {
    const write = group.add(action, '<SPACE>', '<PATH>', '<TEXT>')
    group.asks(write, (space: string, given: string, text: string) => {
      const path = inSpace(given)
      if (path === '' && action === 'note')
        throw usageError(SPACE_USAGE.noteOfSpace, SPACE_USAGE.noteOfSpaceHint)
      return { action, space: spaceRef(space), path, text: within(text, 'TEXT', MOST_BYTES[action]) }
    })
  }
  group.asks(group.add('log', '<SPACE>', '[PATH]'), (space: string, path: string | undefined) => ({
    action: 'log',
    space: spaceRef(space),
    path: path === undefined ? undefined : inSpace(path),
  }))
  group.asks(group.add('undo', '<SPACE>', '[CHANGE...]'), (space: string, changes: readonly string[]) => ({
    action: 'undo',
    space: spaceRef(space),
    changes: changes.map(changeId),
  }))
}

/** As on a disk: a slash at the end of where it goes to means into that folder. */
function moveOf(given: string, to: string): { readonly from: string; readonly to: string } {
  const from = withoutEnd(given)
  if (to !== '' && !to.endsWith('/')) return { from, to }
  const parts = [withoutEnd(to), from.split('/').at(-1) ?? '']
  return { from, to: parts.filter((part) => part !== '').join('/') }
}

function withoutEnd(path: string): string {
  return path.replace(/\/+$/, '')
}

function declareTag(group: SpaceGroup): void {
  const tag = group.add('tag', '<SPACE>', '<PATH...>')
  addValue(tag, SPACE_TAG_OPTIONS.tag, list)
  addValue(tag, SPACE_TAG_OPTIONS.untag, list)
  group.asks(tag, (space: string, paths: readonly string[]) => {
    const { tag: tags = [], untag = [] } = tag.opts<{ tag?: string[]; untag?: string[] }>()
    if (tags.length + untag.length === 0) throw usageError(SPACE_USAGE.noTags, SPACE_USAGE.noTagsHint)
    return { action: 'tag', space: spaceRef(space), paths: paths.map((path) => inSpace(path)), tags, untag }
  })
}
