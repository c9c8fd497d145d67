/** Commands of `shoal space` that look at files of a space, put files in and fetch them. */
import { resolve } from 'node:path'
import { SPACE_USAGE } from '../strings/space-errors.ts'
import { SPACE_ADD_OPTIONS, SPACE_EXPORT_OPTIONS, SPACE_GET_OPTIONS } from '../strings/space-options.ts'
import { isLink, usageError } from '../usage-errors.ts'
import { addFlag, addValue, duration, list } from './options.ts'
import type { SpaceGroup } from './space-group.ts'
import { filled, inSpace, spaceRef } from './space-values.ts'

export function declareSpaceFiles(group: SpaceGroup): void {
  declareAdd(group)
  group.asks(group.add('ls', '<SPACE>', '[PATH]'), (space: string, path: string | undefined) => ({
    action: 'ls',
    space: spaceRef(space),
    path: path === undefined ? undefined : inSpace(path),
  }))
  for (const action of ['search', 'watch'] as const) {
    group.asks(group.add(action, '<SPACE>', '<QUERY>'), (space: string, query: string) => ({
      action,
      space: spaceRef(space),
      query: filled(query, 'QUERY'),
    }))
  }
  declareGet(group)
  declareExport(group)
}

function declareAdd(group: SpaceGroup): void {
  const add = group.add('add', '<SPACE>', '<PATH...>')
  addValue(add, SPACE_ADD_OPTIONS.at)
  addValue(add, SPACE_ADD_OPTIONS.tag, list)
  group.asks(add, (space: string, files: readonly string[]) => {
    if (files.some(isLink)) throw usageError(SPACE_USAGE.linkAsFile, SPACE_USAGE.linkAsFileHint)
    const { at, tag: tags = [] } = add.opts<{ at?: string; tag?: string[] }>()
    return {
      action: 'add',
      space: spaceRef(space),
      files: files.map((file) => resolve(group.line.init.cwd, filled(file, 'PATH'))),
      at: at === undefined ? undefined : inSpace(at),
      tags,
    }
  })
}

function declareGet(group: SpaceGroup): void {
  const get = group.add('get', '<SPACE>', '<PATH...>')
  addValue(get, SPACE_GET_OPTIONS.o)
  addFlag(get, SPACE_GET_OPTIONS.overwrite)
  addValue(get, SPACE_GET_OPTIONS.wait, duration)
  group.asks(get, (space: string, paths: readonly string[]) => {
    const { o = '.', overwrite = false, wait } = get.opts<{ o?: string; overwrite?: true; wait?: number }>()
    return {
      action: 'get',
      space: spaceRef(space),
      paths: paths.map((path) => inSpace(path)),
      directory: resolve(group.line.init.cwd, o),
      overwrite,
      waitMs: wait,
    }
  })
}

function declareExport(group: SpaceGroup): void {
  const command = group.add('export', '<SPACE>')
  addValue(command, SPACE_EXPORT_OPTIONS.o)
  group.asks(command, (space: string) => {
    const { o } = command.opts<{ o?: string }>()
    const file = o === undefined ? undefined : resolve(group.line.init.cwd, o)
    return { action: 'export', space: spaceRef(space), file }
  })
}
