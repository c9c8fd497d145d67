/** What only the control API has of spaces: keys of requests, answers as its document says, the log of changes; and no secret in it. */
import { randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { request, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import type { NodeOptions, ShoalNode, SpaceChange, SpaceHandle, SpaceInviteLink } from '@shoal/node'
import { expect, onTestFinished, test, vi } from 'vitest'
import { ANSWER_SCHEMAS, EVENT_SCHEMAS } from '../../packages/node/src/control/answer-schemas.ts'
import { SocketTransport } from '../../packages/node/src/control/socket-transport.ts'
import type { SPACE_ANSWERS } from '../../packages/node/src/control/space-answers.ts'
import type { AddStreamEvent, ShoalEvent } from '../../packages/node/src/events.ts'
import type { RunningSpaces } from '../../packages/node/src/running-spaces.ts'
import { parseInvite } from '../../packages/node/src/spaces/invites/invite-link.ts'
import { writeTree } from '../../packages/node/test/helpers/files.ts'
import { clientOf, startNode, temporaryFolder } from '../helpers/nodes.ts'
import { SecretScan } from '../helpers/secrets.ts'

async function tokenOf(node: ShoalNode): Promise<string> {
  return (await readFile(node.status().tokenFile, 'utf8')).trim()
}

async function startSpace(options: NodeOptions = {}): Promise<{
  node: ShoalNode
  space: SpaceHandle
  api: SocketTransport
  /** Of the space. */
  at: string
  work: string
}> {
  const node = await startNode(options)
  const work = await temporaryFolder()
  await writeTree(work, { 'photos/sun.jpg': 'a sun', 'notes.txt': 'some notes' })
  const space = await node.spaces.create('Holiday')
  const api = new SocketTransport(node.status().socket, await tokenOf(node))
  return { node, space, api, at: `/v1/spaces/${space.id}`, work }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

const never = (): AbortSignal => new AbortController().signal

test('every answer is as the document of the API says', async () => {
  const { api, at, work, space } = await startSpace()
  const told = new Set<string>()
  const check = <E extends ShoalEvent>(event: E): E => {
    told.add(event.type)
    expect(EVENT_SCHEMAS[event.type].parse(event)).toEqual(event)
    return event
  }
  const ask = async (
    name: keyof typeof SPACE_ANSWERS,
    method: string,
    path: string,
    body?: object,
  ): Promise<unknown> => {
    const answer = await api.ask<object>(method, path, body)
    expect(ANSWER_SCHEMAS[name].parse(answer), name).toEqual(answer)
    return answer
  }
  const paths = [join(work, 'photos'), join(work, 'notes.txt')]
  for (const event of await all(api.operate<ShoalEvent>(`${at}/add`, { paths, tags: ['new'] }, never())))
    check(event)
  for (const event of await all(api.tell<ShoalEvent>(`${at}/entries`))) check(event)
  const body = { paths: ['notes.txt'], directory: join(work, 'out') }
  for (const event of await all(api.operate<ShoalEvent>(`${at}/get`, body, never()))) check(event)
  const watching = api.tell<ShoalEvent>(`${at}/watch?query=tag%3Anew`)
  check((await watching.next()).value as ShoalEvent)
  await watching.return(undefined)
  expect([...told]).toEqual(expect.arrayContaining(['ready', 'added', 'listed', 'done', 'got', 'matches']))

  expect(await ask('spaces', 'GET', '/v1/spaces')).toHaveLength(1)
  expect(await ask('space', 'GET', '/v1/spaces/find?ref=Holiday')).toEqual({ id: space.id, name: 'Holiday' })
  await ask('space', 'POST', '/v1/spaces', { name: 'Work' })
  expect(await ask('found', 'GET', `${at}/search?query=sun&limit=5`)).toMatchObject({ total: 1 })
  expect(await ask('written', 'POST', `${at}/note`, { path: 'notes.txt', text: 'x' })).toMatchObject({
    entries: 1,
  })
  expect(await ask('history', 'GET', `${at}/history?path=notes.txt`)).toMatchObject([
    { kind: 'note' },
    { kind: 'tag' },
    { kind: 'put' },
  ])
  await ask('members', 'GET', `${at}/members`)
  const { id } = (await ask('invited', 'POST', `${at}/invitations`, { role: 'read' })) as SpaceInviteLink
  await ask('invitations', 'GET', `${at}/invitations`)
  expect(await ask('nothing', 'DELETE', `${at}/invitations?invitation=${id}`)).toEqual({})
  expect(await ask('requests', 'GET', `${at}/requests`)).toEqual([])
  for (const method of ['POST', 'DELETE'] as const) {
    const path = method === 'POST' ? `${at}/requests` : `${at}/requests?request=abcd`
    await expect(
      api.ask(method, path, method === 'POST' ? { request: 'abcd' } : undefined),
    ).rejects.toMatchObject({
      code: 'ERR_NOT_IN_SPACE',
    })
  }
  await ask('checked', 'GET', `${at}/check`)
  await expect(api.ask('GET', `/v1/spaces/${'0'.repeat(64)}/members`)).rejects.toMatchObject({
    code: 'ERR_SPACE_UNKNOWN',
  })
  await expect(api.ask('GET', '/v1/spaces/Holiday/members')).rejects.toMatchObject({
    code: 'ERR_OPTIONS_INVALID',
  })
})

test('what is asked for again by its key is done once', async () => {
  const { api, at, work, space } = await startSpace()
  const twice = async <T>(path: string, body: object): Promise<T> => {
    const key = randomUUID()
    const [first, second] = await Promise.all([
      api.ask<T>('POST', path, body, key),
      api.ask<T>('POST', path, body, key),
    ])
    expect(second).toEqual(first)
    expect(await api.ask('POST', path, body, key)).toEqual(first)
    return first
  }
  await space.add(join(work, 'notes.txt'))
  await twice(`${at}/tag`, { paths: ['notes.txt'], tags: ['one'] })
  await twice(`${at}/tag`, { paths: ['notes.txt'], tags: ['two'] })
  expect(await twice<SpaceChange>(`${at}/undo`, {})).toMatchObject({ entries: 1 })
  expect((await space.search('')).entries).toMatchObject([{ tags: ['one'] }])
  const made = await twice<SpaceInviteLink>(`${at}/invitations`, { role: 'read' })
  expect(await space.invitations()).toMatchObject([{ id: made.id }])
  await twice('/v1/spaces', { name: 'Work' })
  expect(await api.ask('GET', '/v1/spaces')).toHaveLength(2)
  const key = randomUUID()
  await api.ask('POST', `${at}/remove`, { paths: ['notes.txt'] }, key)
  await expect(api.ask('POST', `${at}/restore`, { paths: ['notes.txt'] }, key)).rejects.toMatchObject({
    code: 'ERR_OPTIONS_INVALID',
  })
  await expect(api.ask('POST', `${at}/undo`, {}, 'no UUID')).rejects.toMatchObject({
    code: 'ERR_OPTIONS_INVALID',
  })
})

test('files whose adding was cut off are added by asking again, once', async () => {
  const { api, at, work, space } = await startSpace()
  await writeFile(join(work, 'large.bin'), Buffer.alloc(60_000_000, 1))
  const body = { paths: [join(work, 'large.bin')] }
  const key = randomUUID()
  const add = (): AsyncGenerator<AddStreamEvent> =>
    api.operate<AddStreamEvent>(`${at}/add`, body, never(), key)
  // The connection goes with the loop.
  for await (const { type } of add()) {
    expect(type).toBe('hashing')
    break
  }
  const [again, atOnce] = await Promise.all([all(add()), all(add())])
  const done = again.at(-1)
  expect(done).toMatchObject({ type: 'added', entries: 1, batches: [expect.any(String)] })
  expect(atOnce.at(-1)).toEqual(done)
  expect(await all(add())).toEqual([done])
  expect((await space.history()).map(({ kind }) => kind)).toEqual(['put'])
})

test('a change that was begun is made though its client went away, and its key tells what came of it', async () => {
  const { node, api, at, work, space } = await startSpace()
  await space.add(join(work, 'notes.txt'))
  await space.tag('notes.txt', ['one'])
  await space.tag('notes.txt', ['two'])
  const { host } = (node.spaces as RunningSpaces).service
  const call = host.call.bind(host)
  const leave = new AbortController()
  vi.spyOn(host, 'call').mockImplementation((name, given) => {
    const answer = call(name, given)
    if (name === 'undo') leave.abort(new Error('gone'))
    return answer
  })
  const key = randomUUID()
  await expect(api.ask('POST', `${at}/undo`, {}, key, leave.signal)).rejects.toThrow('gone')
  expect(await api.ask('POST', `${at}/undo`, {}, key)).toMatchObject({ entries: 1 })
  expect((await space.search('')).entries).toMatchObject([{ tags: ['one'] }])
})

test('a live query ends with its client', async () => {
  const { node, space } = await startSpace()
  const { host } = (node.spaces as RunningSpaces).service
  const onChange = host.onChange.bind(host)
  let watchers = 0
  vi.spyOn(host, 'onChange').mockImplementation((id, callback) => {
    watchers++
    const end = onChange(id, callback)
    return () => {
      watchers--
      end()
    }
  })
  const same = await (await clientOf(node)).spaces.open(space.id)
  for await (const matches of same.watch('')) {
    expect(matches).toEqual({ entries: [], total: 0, isCut: false })
    expect(watchers).toBe(1)
    break
  }
  await vi.waitFor(() => expect(watchers).toBe(0))
})

/** The id that an answer is true at. */
async function answerTo(node: ShoalNode, path: string): Promise<IncomingMessage> {
  const headers = { host: 'localhost', authorization: `Bearer ${await tokenOf(node)}` }
  return await new Promise((resolve, reject) => {
    request({ socketPath: node.status().socket, path, headers }, (response) => {
      response.resume()
      resolve(response)
    })
      .on('error', reject)
      .end()
  })
}

async function asOf(node: ShoalNode, path: string): Promise<string> {
  return String((await answerTo(node, path)).headers['x-shoal-as-of'])
}

test('what is over a limit or names nothing is the fault of who asked, and not of the node', async () => {
  const { node, at } = await startSpace()
  const statuses = await Promise.all(
    [
      `${at}/search?query=${'x'.repeat(1_025)}`,
      `${at}/history?path=absent`,
      '/v1/spaces/find?ref=absent',
    ].map(async (path) => (await answerTo(node, path)).statusCode),
  )
  expect(statuses).toEqual([422, 404, 404])
})

test('the log tells that a space changed, and answers from which event on that is not in them', async () => {
  const { node, space, at } = await startSpace()
  const client = await clientOf(node)
  const before = await asOf(node, `${at}/entries`)
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const numbers: number[] = []
  const spaces: string[] = []
  const ended = (async () => {
    for await (const event of client.events(before, stop.signal)) {
      expect(EVENT_SCHEMAS[event.type].parse(event)).toEqual(event)
      expect(event.type).toBe('change')
      if (event.type !== 'change' || event.event.type !== 'touched') continue
      spaces.push(event.event.space)
      numbers.push(event.event.number)
    }
  })()
  await space.title('', 'Our holiday')
  await vi.waitFor(() => expect(numbers).toHaveLength(1))
  await space.invite()
  await vi.waitFor(() => expect(numbers).toHaveLength(2))
  // Looking changes nothing.
  await space.history()
  await space.check()
  await space.title('', 'Our last holiday')
  await vi.waitFor(() => expect(numbers).toHaveLength(3))
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  expect(new Set(numbers).size).toBe(3)
  const other = await node.spaces.create('Work')
  await vi.waitFor(() => expect(spaces.at(-1)).toBe(other.id))
  expect(new Set(spaces)).toEqual(new Set([space.id, other.id]))
  stop.abort()
  await ended
})

test('the secret of an invitation is in the answer that makes it, and in no log, event or other answer', async () => {
  const lines: string[] = []
  const log = { level: 'debug', write: (line: string) => void lines.push(line) } as const
  const { node, api, at } = await startSpace({ log })
  const client = await clientOf(node)
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const told: string[] = []
  const ended = (async () => {
    for await (const event of client.events(undefined, stop.signal)) told.push(JSON.stringify(event))
  })()
  const key = randomUUID()
  const { link } = await api.ask<SpaceInviteLink>('POST', `${at}/invitations`, {}, key)
  const refused = await api
    .ask('POST', `${at}/invitations`, { uses: 2 }, key)
    .catch((error: unknown) => error)
  await vi.waitFor(() => expect(told.join('\n')).toContain('touched'))
  stop.abort()
  await ended
  const answers = await Promise.all(
    ['invitations', 'history', 'members', 'check'].map((what) => api.ask('GET', `${at}/${what}`)),
  )
  // Besides it an invitation names who made it, which is no secret to those who may ask here.
  const scan = new SecretScan({ seed: Buffer.from(parseInvite(link).seed).toString('base64url') })
  expect(scan.find(Buffer.from(parseInvite(link).seed).toString('hex'))).toEqual(['seed'])
  for (const text of [...lines, ...told, JSON.stringify([refused, answers])])
    expect(scan.find(text)).toEqual([])
})
