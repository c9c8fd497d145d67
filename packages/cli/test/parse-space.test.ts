/** `shoal space` as it is typed. */
import { isShoalError, type ShoalError } from '@shoal/node/control'
import { describe, expect, test } from 'vitest'
import { parse } from '../src/parse.ts'

const KEY = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyChoqM'
const ID = '3f9c'.repeat(16)

/** What `shoal space` with these words asks for. */
function task(...argv: string[]): unknown {
  const init = { env: {}, cwd: '/cwd', columns: 80, version: () => '', onContent: () => {} }
  const asked = parse({ ...init, argv: ['space', ...argv] })
  return asked.command === 'space' ? asked.task : asked
}

function refusal(...argv: string[]): ShoalError {
  try {
    task(...argv)
  } catch (error) {
    if (isShoalError(error, 'ERR_USAGE')) return error
    throw error
  }
  throw new Error(`${argv.join(' ')} was taken`)
}

describe('what was asked for', () => {
  test('the spaces, also by the group alone', () => {
    expect(task()).toEqual({ action: 'list' })
    expect(task('--json')).toEqual({ action: 'list' })
    expect(task('list')).toEqual({ action: 'list' })
    expect(task('create', 'Summer 2026')).toEqual({ action: 'create', name: 'Summer 2026' })
    expect(task('check', 'studio')).toEqual({ action: 'check', space: 'studio' })
  })

  test('files to put in are of this device', () => {
    expect(task('add', 'studio', 'clips', '/a.mov')).toEqual({
      action: 'add',
      space: 'studio',
      files: ['/cwd/clips', '/a.mov'],
      at: undefined,
      tags: [],
    })
    const argv = ['add', 'studio', 'x', '--at', '/shoots/2026', '--tag', 'raw', '--tag=summer']
    expect(task(...argv)).toMatchObject({ at: 'shoots/2026', tags: ['raw', 'summer'] })
  })

  test('what is in a space: a path may begin with a slash, which alone is all of it', () => {
    expect(task('ls', 'studio')).toEqual({ action: 'ls', space: 'studio', path: undefined })
    expect(task('ls', 'studio', '/clips')).toMatchObject({ path: 'clips' })
    expect(task('ls', 'studio', '/')).toMatchObject({ path: '' })
    expect(task('search', 'studio', 'tag:raw sun')).toEqual({
      action: 'search',
      space: 'studio',
      query: 'tag:raw sun',
    })
    expect(task('watch', 'studio', 'sun')).toEqual({ action: 'watch', space: 'studio', query: 'sun' })
    expect(task('get', 'studio', 'a', '/b')).toEqual({
      action: 'get',
      space: 'studio',
      paths: ['a', 'b'],
      directory: '/cwd',
      overwrite: false,
      waitMs: undefined,
    })
    expect(task('get', 'studio', 'a', '-o', 'in', '--overwrite', '--wait', '2m')).toMatchObject({
      directory: '/cwd/in',
      overwrite: true,
      waitMs: 120_000,
    })
    expect(task('export', 'studio')).toEqual({ action: 'export', space: 'studio', file: undefined })
    expect(task('export', 'studio', '-o', 'a.jsonl')).toMatchObject({ file: '/cwd/a.jsonl' })
  })

  test('changes', () => {
    expect(task('mv', 'studio', '/a', 'b/c')).toEqual({ action: 'mv', space: 'studio', from: 'a', to: 'b/c' })
    const move = (from: string, to: string): unknown => task('mv', 'studio', from, to)
    expect(move('d/a.mov', 'b/')).toMatchObject({ from: 'd/a.mov', to: 'b/a.mov' })
    expect(move('/d/clips/', '/')).toMatchObject({ from: 'd/clips', to: 'clips' })
    expect(move('/', 'b')).toMatchObject({ from: '', to: 'b' })
    expect(move('/', 'b/')).toMatchObject({ from: '', to: 'b' })
    for (const action of ['rm', 'restore']) {
      expect(task(action, 'studio', 'a', 'b')).toEqual({ action, space: 'studio', paths: ['a', 'b'] })
    }
    expect(task('tag', 'studio', 'a', 'b', '--tag', 'done', '--untag', 'draft', '--tag', 'x')).toEqual({
      action: 'tag',
      space: 'studio',
      paths: ['a', 'b'],
      tags: ['done', 'x'],
      untag: ['draft'],
    })
    expect(task('note', 'studio', 'a', '')).toEqual({ action: 'note', space: 'studio', path: 'a', text: '' })
    expect(task('title', 'studio', '/', 'Film')).toMatchObject({ action: 'title', path: '', text: 'Film' })
    expect(task('log', 'studio')).toEqual({ action: 'log', space: 'studio', path: undefined })
    expect(task('log', 'studio', 'a')).toMatchObject({ path: 'a' })
    expect(task('undo', 'studio')).toEqual({ action: 'undo', space: 'studio', changes: [] })
    expect(task('undo', 'studio', '3F9C', ID)).toMatchObject({ changes: ['3f9c', ID] })
  })

  test('people and invitations', () => {
    expect(task('members', 'studio')).toEqual({ action: 'members', space: 'studio' })
    expect(task('role', 'studio', '3F9C', 'founder')).toEqual({
      action: 'role',
      space: 'studio',
      member: '3f9c',
      role: 'founder',
    })
    expect(task('remove', 'studio', '3f9c')).toEqual({ action: 'remove', space: 'studio', member: '3f9c' })
    expect(task('leave', 'studio')).toEqual({ action: 'leave', space: 'studio' })
    expect(task('invite', 'studio')).toEqual({
      action: 'invite',
      space: 'studio',
      role: undefined,
      forMs: undefined,
      uses: undefined,
      isInstant: false,
    })
    const argv = ['invite', 'studio', '--role', 'Read', '--expires', '2d', '--uses', '10', '--instant']
    expect(task(...argv)).toMatchObject({ role: 'read', forMs: 172_800_000, uses: 10, isInstant: true })
    expect(task('join', '-')).toEqual({ action: 'join', link: '-', name: undefined, waitMs: undefined })
    expect(task('join', 'shoal://join/x#y', '--name', 'Ben', '--wait', '2m')).toEqual({
      action: 'join',
      link: 'shoal://join/x#y',
      name: 'Ben',
      waitMs: 120_000,
    })
    const approve = { action: 'approve', space: 'studio' }
    expect(task('approve', 'studio')).toEqual({ ...approve, request: undefined, refuse: false })
    expect(task('approve', 'studio', '3F9C', '--refuse')).toEqual({
      ...approve,
      request: '3f9c',
      refuse: true,
    })
    expect(() => task('approve', 'studio', '--refuse')).toThrow('--refuse does not say whom')
    expect(task('invitations', 'studio')).toEqual({ action: 'invitations', space: 'studio' })
    expect(task('revoke', 'studio', '3F9C')).toEqual({ action: 'revoke', space: 'studio', id: '3f9c' })
  })

  test('options of all commands stand anywhere', () => {
    const init = { env: {}, cwd: '/cwd', columns: 80, version: () => '', onContent: () => {} }
    const argv = ['--home', 'h', 'space', '--network', 'lan', 'ls', '--up', '1', 'studio', '--json']
    expect(parse({ ...init, argv })).toMatchObject({
      command: 'space',
      node: { home: '/cwd/h', network: 'lan', up: 1 },
      task: { action: 'ls', space: 'studio' },
    })
  })
})

describe('what is wrong', () => {
  test.each([
    [['crate', 'x'], 'shoal space crate is nothing that Shoal can do', 'Did you mean shoal space create?'],
    [
      ['crate', 'x', '--tag', 'y'],
      'shoal space crate is nothing that Shoal can do',
      'Did you mean shoal space create?',
    ],
    [['merge', 'x'], 'shoal space merge is nothing that Shoal can do', 'See shoal space --help.'],
    [['--jsno'], 'there is no option --jsno', 'See shoal space --help.'],
    [['create'], 'NAME is missing', 'See shoal space create --help.'],
    [['create', ''], 'NAME is empty', 'See shoal --help.'],
    [['create', 'é'.repeat(128)], 'NAME is longer than 255 bytes', /shorter/],
    [['note', 's', 'a', 'x'.repeat(4_097)], 'TEXT is longer than 4096 bytes', /shorter/],
    [['title', 's', 'a', 'x'.repeat(256)], 'TEXT is longer than 255 bytes', /shorter/],
    [
      ['invite', 's', '--role', 'manage', '--instant'],
      '--role manage does not go with --instant',
      /approved/,
    ],
    [['note', 's', '/', 'x'], 'a note is written to a file, and / is the space itself', /title/],
    [['ls'], 'SPACE is missing', 'See shoal space ls --help.'],
    [['ls', ''], 'SPACE is empty', 'See shoal --help.'],
    [['ls', 's', ''], 'PATH is empty', 'See shoal --help.'],
    [['rm', 's'], 'PATH is missing', 'See shoal space rm --help.'],
    [['add', 's', 'x', '--untag', 'y'], 'there is no option --untag', 'Did you mean --tag?'],
    [['mv', 's', 'a'], 'TO is missing', 'See shoal space mv --help.'],
    [['search', 's', ''], 'QUERY is empty', 'See shoal --help.'],
    [
      ['ls', 'a', 'b', 'c'],
      'shoal space ls takes two arguments, and more was given',
      'See shoal space ls --help.',
    ],
    [['tag', 's', 'a'], 'no tag was given', 'Name one with --tag, or with --untag to take it away.'],
    [
      ['undo', 's', '3f9'],
      '3f9 is not the id of a change',
      'See the changes, each with its id: shoal space log SPACE',
    ],
    [['role', 's', 'm', 'owner'], 'ROLE cannot be owner', 'It is one of pull, read, write, manage, founder.'],
    [['role', 's', 'm', 'manag'], 'ROLE cannot be manag', 'Did you mean manage?'],
    [
      ['invite', 's', '--role', 'founder'],
      '--role cannot be founder',
      'It is one of pull, read, write, manage.',
    ],
    [['invite', 's', '--uses', '0'], '--uses 0 is not a whole number from 1 on', 'See shoal --help.'],
    [['invite', 's', '--expires', '7'], '--expires 7 is not a time that Shoal can keep', /24d/],
  ])('%j', (argv, message, hint) => {
    const { message: said, hint: advice } = refusal(...argv)
    expect(said).toBe(message)
    if (typeof hint === 'string') expect(advice).toBe(hint)
    else expect(advice).toMatch(hint)
  })

  test.each([
    [['add', 's', `shoal://root#${KEY}`]],
    [['ls', `shoal://join/x#${KEY}`]],
    [[`x#${KEY}`]],
    [[`--x#${KEY}`]],
    [['role', 's', 'm', `x#${KEY}`]],
    [['undo', 's', `x#${KEY}`]],
    [['invite', 's', '--uses', `x#${KEY}`]],
  ])('no part of a key is repeated: %#', (argv) => {
    const { message, hint } = refusal(...argv)
    expect(message + hint).not.toContain(KEY.slice(0, 6))
  })
})
