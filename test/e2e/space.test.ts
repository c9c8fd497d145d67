/** `shoal space` as processes, with Shoal in the background as its users have it. Needs `tsc -b`. */
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../helpers/nodes.ts'
import { Shoal, own, run, type Json } from '../helpers/shoal.ts'
import { endWithTest } from '../helpers/background.ts'

const ID = /^[0-9a-f]{64}$/
const IDS = /^([0-9a-f]{64}\n)+$/

interface User {
  readonly folder: string
  /** Runs `shoal space` with these words to its end; it has to succeed. */
  readonly space: (...words: readonly string[]) => Promise<string>
  /** The same, as lines of JSON. */
  readonly json: (...words: readonly string[]) => Promise<Json[]>
  readonly flags: readonly string[]
}

/** Somebody with two folders of files, and nothing that runs. */
async function user(): Promise<User> {
  const folder = await temporaryFolder()
  const home = join(folder, 'home')
  await mkdir(join(folder, 'clips', 'day 1'), { recursive: true })
  await writeFile(join(folder, 'clips', 'sun.mov'), 'a sun that moves')
  await writeFile(join(folder, 'clips', 'day 1', 'sea.mov'), 'the sea')
  await writeFile(join(folder, 'talk.txt'), 'What was said.\n')
  const flags = await own(home)
  endWithTest(home)
  const space = async (...words: readonly string[]): Promise<string> => {
    const { status, text, stderr } = await run('space', ...words, ...flags)
    expect([status, stderr.includes('ERR_')], stderr).toEqual([0, false])
    return text
  }
  const json = async (...words: readonly string[]): Promise<Json[]> => {
    const told = await run('space', ...words, '--json', ...flags)
    expect([told.status, told.stderr], told.text).toEqual([0, ''])
    return told.events()
  }
  return { folder, space, json, flags }
}

test('a space from its founding to its export, in JSON', async () => {
  const { folder, json, flags } = await user()
  const [made = {}] = await json('create', 'studio')
  expect(made).toEqual({ type: 'space', id: expect.stringMatching(ID), name: 'studio' })
  const id = String(made['id'])
  expect(await json()).toEqual([
    { ...made, role: 'founder', members: 1, entries: 0, bytes: 0, fault: null, unwritten: null },
  ])
  const added = await json('add', 'studio', join(folder, 'clips'), '--tag', 'raw', '--tag', 'sea')
  expect(added.at(-1)).toEqual({ type: 'changed', changes: [expect.stringMatching(ID)], entries: 2 })
  expect(JSON.stringify(added)).not.toContain('shoal://')
  await json('add', id.slice(0, 8), join(folder, 'talk.txt'), '--at', 'words')

  const listed = await json('ls', 'studio')
  expect(listed).toMatchObject([
    { type: 'entry', path: 'clips/day 1/sea.mov', bytes: 7, tags: ['raw', 'sea'], here: true },
    { type: 'entry', path: 'clips/sun.mov', bytes: 16, media: 'video/quicktime' },
    { type: 'entry', path: 'words/talk.txt', bytes: 15, tags: [], title: '', note: '' },
  ])
  expect(listed[0]).toMatchObject({ author: expect.stringMatching(ID), root: expect.stringMatching(/^baf/) })
  expect(await json('ls', 'studio', 'clips')).toEqual(listed.slice(0, 2))
  expect(await json('search', 'studio', 'tag:sea sun')).toEqual([listed[1]])
  expect(await json('search', 'studio', 'nothing has this')).toEqual([])

  expect(await json('tag', 'studio', 'clips', '--tag', 'done', '--untag', 'RAW')).toMatchObject([
    { type: 'changed', entries: 2 },
    { type: 'changed', entries: 2 },
  ])
  expect(await json('ls', 'studio', 'clips/sun.mov')).toMatchObject([{ tags: ['done', 'sea'] }])
  await json('note', 'studio', 'words/talk.txt', 'loud in the\nmiddle')
  await json('title', 'studio', 'words/talk.txt', 'The talk')
  await json('title', 'studio', '/', 'Summer film')
  expect(await json('ls', 'studio', '/words')).toMatchObject([
    { title: 'The talk', note: 'loud in the\nmiddle' },
  ])
  const [last, ...log] = await json('log', 'studio')
  expect(last).toMatchObject({ type: 'log', kind: 'title', path: '', text: 'Summer film', counts: true })
  expect(log.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['put', 'tag', 'untag', 'note', 'title']),
  )
  expect((await json('log', 'studio', '/')).map(({ text }) => text)).toEqual(['Summer film'])

  await json('mv', 'studio', 'clips', 'shoots/clips')
  expect(await json('ls', 'studio', 'shoots')).toHaveLength(2)
  await json('undo', 'studio')
  expect(await json('ls', 'studio', 'clips')).toHaveLength(2)
  const [removed = {}] = await json('rm', 'studio', 'clips')
  expect(removed).toMatchObject({ entries: 2 })
  expect(await json('ls', 'studio')).toHaveLength(1)
  await json('restore', 'studio', 'clips/sun.mov')
  await json('undo', 'studio', String((removed['changes'] as string[])[0]).slice(0, 12))
  expect(await json('ls', 'studio')).toMatchObject([{ path: 'clips/day 1/sea.mov' }, {}, {}])

  const got = await json('get', 'studio', 'clips', 'words/talk.txt', '-o', join(folder, 'in'))
  expect(got.filter(({ type }) => type === 'got')).toMatchObject([
    { path: 'clips/day 1/sea.mov', bytes: 7 },
    { path: 'clips/sun.mov', bytes: 16 },
    { path: 'words/talk.txt', bytes: 15 },
  ])
  for (const { type, path, file } of got) {
    if (type !== 'got') continue
    const original = join(folder, String(path).replace(/^words\//, ''))
    expect(await readFile(String(file))).toEqual(await readFile(original))
  }

  const [invite = {}] = await json('invite', 'studio', '--role', 'read', '--uses', '3', '--expires', '2h')
  expect(invite).toEqual({
    type: 'invite',
    link: expect.stringMatching(/^shoal:\/\/join\/[a-z2-7]+#[\w-]{91}(\.[\w-]+)?$/),
    id: expect.stringMatching(ID),
  })
  const open = { type: 'invitation', id: invite['id'], role: 'read', instant: false, usesLeft: 3 }
  expect(await json('invitations', 'studio')).toEqual([{ ...open, expires: expect.any(Number) }])
  const beginning = String(invite['id']).slice(0, 6)
  expect(await json('revoke', 'studio', beginning)).toMatchObject([{ ...open, usesLeft: 0 }])
  expect(await json('invitations', 'studio')).toEqual([])
  expect(await json('invite', 'studio', '--instant', '--expires', '0')).toHaveLength(1)
  expect(await json('invitations', 'studio')).toMatchObject([{ instant: true, expires: null, role: 'write' }])

  const self = { type: 'member', role: 'founder', name: null, presence: null, lastSeen: null, self: true }
  expect(await json('members', 'studio')).toEqual([{ ...self, id: expect.stringMatching(ID) }])
  expect(await json('check', 'studio')).toEqual([{ type: 'check', sound: true, changes: expect.any(Number) }])

  const [head, ...entries] = await json('export', 'studio')
  expect(head).toEqual(made)
  expect(entries).toEqual(await json('ls', 'studio'))
  const file = join(folder, 'studio.jsonl')
  expect(await json('export', 'studio', '-o', file)).toEqual([{ type: 'exported', file, entries: 3 }])
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line) as Json)).toEqual([head, ...entries])
  expect((await stat(file)).mode & 0o077).toBe(0)
  const again = await run('space', 'export', 'studio', '-o', file, '--json', ...flags)
  expect([again.status, again.events().at(-1)?.['code']]).toEqual([5, 'ERR_DESTINATION_EXISTS'])
  expect((await readFile(file, 'utf8')).trimEnd().split('\n')).toEqual(lines)

  const left = await run('space', 'leave', 'studio', '--json', ...flags)
  expect([left.status, left.events()]).toEqual([
    8,
    [
      {
        type: 'error',
        code: 'ERR_SPACE_ROLE',
        message: 'this device is the only owner of the space, and a space is never without one',
        hint: 'Make another member an owner first: shoal space role studio MEMBER founder',
      },
    ],
  ])
}, 120_000)

test('in a pipe the result stands alone: an id, a link, a path, rows', async () => {
  const { folder, space, flags } = await user()
  const made = await run('space', 'create', 'studio', ...flags)
  expect(made.text).toMatch(IDS)
  expect(made.stderr).toMatch(/^shoal daemon: started, pid \d+\nspace studio: created\n$/)
  const talk = join(folder, 'talk.txt')
  expect(await space('add', 'studio', talk, '--tag', 'said')).toMatch(IDS)
  expect(await space('add', 'studio', talk)).toBe('')
  expect(await space('ls', 'studio')).toMatch(/^15\t\S+Z\there\t[0-9a-f]{64}\tsaid\ttalk\.txt\n$/)
  expect(await space('search', 'studio', 'talk', '--quiet')).toBe('talk.txt\n')
  const removed = await space('rm', 'studio', 'talk.txt')
  expect(await space('ls', 'studio')).toBe('')
  expect(await space('undo', 'studio', removed.trimEnd())).toMatch(IDS)
  expect(await space('log', 'studio', 'talk.txt')).toMatch(
    /^[0-9a-f]{64}\t[0-9a-f]{64}\trestore\tcounts\ttalk\.txt\t-\n/,
  )
  const into = join(folder, 'in')
  expect(await space('get', 'studio', 'talk.txt', '-o', into)).toBe(`${join(into, 'talk.txt')}\n`)
  expect(await readFile(join(into, 'talk.txt'), 'utf8')).toBe('What was said.\n')
  expect(await space('invite', 'studio')).toMatch(/^shoal:\/\/join\/\S+\n$/)
  expect(await space('invitations', 'studio')).toMatch(/^[0-9a-f]{64}\twrite\tapproval\t1\t\S+Z\n$/)
  expect(await space('members', 'studio')).toMatch(/^[0-9a-f]{64}\tfounder\tself\n$/)
  expect(await space('check', 'studio')).toMatch(/^sound\t\d+\n$/)
  expect(await space('list')).toMatch(/^[0-9a-f]{64}\tfounder\t1\t1\t15\tstudio\t-\n$/)
  const file = join(folder, 'x.jsonl')
  expect(await space('export', 'studio', '-o', file)).toBe(`${file}\n`)
}, 120_000)

test('a query is watched until Ctrl-C, which ends it well', async () => {
  const { folder, space, json, flags } = await user()
  await space('create', 'studio')
  await space('add', 'studio', join(folder, 'clips'))
  const watch = new Shoal(['space', 'watch', 'studio', 'tag:new', '--json', ...flags])
  const plain = new Shoal(['space', 'watch', 'studio', 'mov', ...flags])
  expect(await watch.event('found')).toEqual({ type: 'found', entries: 0, total: 0, cut: false })
  await plain.until(() => plain.text.split('\n').length > 2 || undefined, 'two rows')
  await json('tag', 'studio', 'clips/sun.mov', '--tag', 'new')
  expect(await watch.event('found', 2)).toMatchObject({ entries: 1, total: 1 })
  expect(await watch.event('entry')).toMatchObject({ path: 'clips/sun.mov', tags: ['new'] })
  await plain.until(() => /^~\t16\tclips\/sun\.mov$/m.exec(plain.text) ?? undefined, 'what changed')
  await json('rm', 'studio', 'clips/sun.mov')
  expect(await watch.event('found', 3)).toMatchObject({ entries: 0 })
  await plain.until(() => /^-\t16\tclips\/sun\.mov$/m.exec(plain.text) ?? undefined, 'what went')
  for (const shoal of [watch, plain]) shoal.signal('SIGINT')
  expect(await Promise.all([watch.ended, plain.ended])).toEqual([0, 0])
  expect(watch.events().every(({ type }) => type === 'found' || type === 'entry')).toBe(true)
}, 120_000)

test('what is stopped before it is done ends with 130, and can be gone on with', async () => {
  const { folder, json, flags } = await user()
  await json('create', 'studio')
  const [large, medium] = [join(folder, 'large'), join(folder, 'medium')]
  await writeFile(large, '')
  await truncate(large, 4_000_000_000)
  const add = new Shoal(['space', 'add', 'studio', large, '--json', ...flags])
  await add.event('hashing')
  add.signal('SIGINT')
  expect([await add.ended, add.events().at(-1)?.['code']]).toEqual([130, 'ERR_INTERRUPTED'])
  expect(await json('ls', 'studio')).toEqual([])
  await writeFile(medium, randomBytes(8_000_000))
  await json('add', 'studio', medium)
  const words = ['space', 'get', 'studio', 'medium', '-o', join(folder, 'in'), '--json']
  const get = new Shoal([...words, '--down', '100kB', ...flags])
  await get.event('progress')
  get.signal('SIGINT')
  expect([await get.ended, get.events().at(-1)?.['code']]).toEqual([130, 'ERR_INTERRUPTED'])
  expect((await json(...words.slice(1, -1))).at(-1)).toMatchObject({ type: 'got', path: 'medium' })
  expect(await readFile(join(folder, 'in', 'medium'))).toEqual(await readFile(medium))
}, 120_000)

test('Shoal that was started for nothing is ended again, and both are said', async () => {
  const { flags } = await user()
  const { status, text, stderr } = await run('space', 'ls', 'studio', ...flags)
  expect([status, text]).toEqual([2, ''])
  expect(stderr).toMatch(
    /^shoal daemon: started, pid \d+\nshoal daemon: ended again\nshoal: there is no such space here\n[^]*ERR_SPACE_UNKNOWN, exit 2\n$/,
  )
  const { status: after } = await run('daemon', 'status', ...flags)
  expect(after).toBe(6)
}, 60_000)

test('what is stored and is not what the log comes to is told, with exit 4', async () => {
  const { folder, space, flags } = await user()
  const id = (await space('create', 'studio')).trimEnd()
  await space('add', 'studio', join(folder, 'talk.txt'))
  await run('daemon', 'stop', ...flags)
  const database = new DatabaseSync(join(folder, 'home', 'spaces', id, 'catalogue.db'))
  database.exec("UPDATE entry SET note = 'nobody wrote this'")
  database.close()
  const told = await run('space', 'check', 'studio', '--json', ...flags)
  const events = told.events()
  expect([told.status, events.map(({ type }) => type)]).toEqual([4, ['check', 'error']])
  expect(events[0]).toMatchObject({ sound: false })
  expect(events[1]).toMatchObject({ code: 'ERR_CONTENT_INVALID' })
}, 60_000)
