import { writeFile } from 'node:fs/promises'
import { request, type IncomingMessage } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { ControlClient } from '../../src/control/client.ts'
import type { ControlTarget } from '../../src/control/control-target.ts'
import { ShoalError } from '../../src/errors.ts'
import type { ContentEvent, ReadEvent } from '../../src/events.ts'
import { homePaths } from '../../src/store/home.ts'
import { TOKEN, serve } from '../helpers/control.ts'
import { temporaryFolder } from '../helpers/files.ts'

const LINK = { link: 'x' }
const CONTENT: ContentEvent = {
  type: 'content',
  root: 'bafy',
  path: 'Ü "\n" 🐟\u007f',
  size: 9,
  from: 2,
  bytes: 6,
}
const PIECES = ['abc', '\u0000ÿ', 'f'].map((text) => Buffer.from(text, 'latin1'))
const STATUS_ANSWER = 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}'
const never = new AbortController().signal

async function clientOf(read: ControlTarget['read']) {
  const { paths, stop } = await serve({ read })
  return { client: (await ControlClient.connect(paths)) as ControlClient, paths, stop }
}

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all)
}

test('what is read, its bytes and how it ended arrive as they are', async () => {
  const asked: unknown[] = []
  const { client } = await clientOf(async (body, { onEvent, write }) => {
    asked.push(body)
    onEvent(CONTENT)
    for (const piece of PIECES) await write(piece)
    onEvent({ type: 'end', bytesFetched: 7 })
  })
  const events: ReadEvent[] = []
  const body = { ...LINK, path: 'y', range: { from: 2, to: 7 }, waitMs: 5, peers: ['/p2p/z'] }
  const got = await collect(client.read(body, never, (event) => events.push(event)))
  expect(got).toEqual(Buffer.concat(PIECES))
  expect(events).toEqual([CONTENT, { type: 'end', bytesFetched: 7 }])
  expect(asked).toEqual([body])
})

test('an answer is plain bytes for whoever asks, and is not compressed', async () => {
  const { paths } = await clientOf(async (_body, { onEvent, write }) => {
    onEvent(CONTENT)
    for (const piece of PIECES) await write(piece)
    onEvent({ type: 'end', bytesFetched: 7 })
  })
  const headers = {
    host: 'localhost',
    authorization: `Bearer ${TOKEN}`,
    'content-type': 'application/json',
    'accept-encoding': 'gzip, br',
  }
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request(
      { socketPath: paths.socket, path: '/v1/operations/read', method: 'POST', headers },
      resolve,
    )
    outgoing.on('error', reject)
    outgoing.end(JSON.stringify(LINK))
  })
  expect(response.headers).toMatchObject({
    'content-type': 'application/octet-stream',
    'cache-control': 'no-store',
  })
  expect(response.headers['content-encoding']).toBeUndefined()
  expect(await collect(response)).toEqual(Buffer.concat(PIECES))
})

describe('an error reaches the client with its code', () => {
  const error = new ShoalError('ERR_IS_FOLDER', 'Ü is a folder', { hint: 'look' })

  test('before the first byte', async () => {
    const { client } = await clientOf(() => Promise.reject(error))
    const told = { code: error.code, message: error.message, hint: 'look' }
    await expect(collect(client.read(LINK, never))).rejects.toMatchObject(told)
  })

  test('after it', async () => {
    const { client } = await clientOf(async (_body, { onEvent, write }) => {
      onEvent(CONTENT)
      await write(PIECES[0] as Buffer)
      throw error
    })
    const pieces = client.read(LINK, never)
    expect(await pieces.next()).toMatchObject({ value: PIECES[0] })
    await expect(pieces.next()).rejects.toMatchObject({
      code: error.code,
      message: error.message,
      hint: 'look',
    })
  })

  test.each<[string, object]>([
    ['no link', {}],
    ['a range of half bytes', { ...LINK, range: { from: 0.5 } }],
    ['a range from behind', { ...LINK, range: { from: -1 } }],
    ['an unknown field', { ...LINK, directory: '/x' }],
  ])('a malformed request: %s', async (_what, body) => {
    const { client } = await clientOf(async () => {})
    await expect(collect(client.read(body as typeof LINK, never))).rejects.toMatchObject({
      code: 'ERR_OPTIONS_INVALID',
    })
  })
})

describe('content that was cut off never looks whole', () => {
  test('the node stops in the middle', async () => {
    const { client, stop } = await clientOf(async (_body, { onEvent, write }, signal) => {
      onEvent(CONTENT)
      await write(PIECES[0] as Buffer)
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      signal.throwIfAborted()
    })
    const pieces = client.read(LINK, never)
    await pieces.next()
    const [rest] = await Promise.allSettled([collect(pieces), stop()])
    expect(rest).toMatchObject({ status: 'rejected', reason: { code: 'ERR_NODE_STOPPED' } })
  })

  const head = `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nx-shoal-content: ${JSON.stringify({ type: 'content' })}\r\n\r\n`
  test.each([
    ['the connection breaks inside a piece', `${head}8\r\nabc`],
    ['the connection breaks between two pieces', `${head}3\r\nabc\r\n`],
    ['the answer ends without saying how', `${head}3\r\nabc\r\n0\r\n\r\n`],
  ])('%s', async (_what, answer) => {
    const paths = homePaths(await temporaryFolder(), {})
    await writeFile(paths.tokenFile, TOKEN)
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      let asked = ''
      socket.setEncoding('latin1').on('data', (text: string) => {
        asked += text
        if (asked.startsWith('GET') && asked.endsWith('\r\n\r\n')) socket.end(STATUS_ANSWER)
        if (asked.endsWith(JSON.stringify(LINK))) socket.end(answer)
      })
    })
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    await new Promise<void>((resolve) => server.listen(paths.socket, resolve))
    const client = (await ControlClient.connect(paths)) as ControlClient
    await expect(collect(client.read(LINK, never))).rejects.toMatchObject({ code: 'ERR_NODE_STOPPED' })
  })
})

test('a verification tells what it finds, to the error at its end', async () => {
  const asked: unknown[] = []
  const { paths } = await serve({
    verify: async (body, onEvent) => {
      asked.push(body)
      onEvent({ type: 'bad', path: 'a' })
      throw new ShoalError('ERR_VERIFY_FAILED', '1 of 2')
    },
  })
  const client = (await ControlClient.connect(paths)) as ControlClient
  const body = { ...LINK, path: '/a', waitMs: 5, peers: [] }
  const events = client.verify(body, never)
  expect(await events.next()).toMatchObject({ value: { type: 'bad', path: 'a' } })
  await expect(events.next()).rejects.toMatchObject({ code: 'ERR_VERIFY_FAILED', message: '1 of 2' })
  expect(asked).toEqual([body])
  const relative = client.verify({ ...body, path: 'a' }, never)
  await expect(relative.next()).rejects.toMatchObject({ code: 'ERR_OPTIONS_INVALID' })
})

test('a read waits for a client that takes slowly, and ends when it leaves', async () => {
  let written = 0
  const ended = Promise.withResolvers<void>()
  const { client } = await clientOf(async (_body, { onEvent, write }, signal) => {
    onEvent(CONTENT)
    while (!signal.aborted) {
      written++
      await write(Buffer.alloc(100_000))
      await new Promise((resolve) => setImmediate(resolve))
    }
    ended.resolve()
  })
  const pieces = client.read(LINK, never)
  await pieces.next()
  let before = -1
  await vi.waitFor(() => {
    const stands = written === before
    before = written
    expect(stands).toBe(true)
  })
  expect(written).toBeLessThan(1_000)
  await pieces.return(undefined)
  await ended.promise
})

test('an abort ends it without an error, and ends the work for it', async () => {
  const ended = Promise.withResolvers<void>()
  const { client } = await clientOf(async (_body, { onEvent, write }, signal) => {
    onEvent(CONTENT)
    await write(PIECES[0] as Buffer)
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    ended.resolve()
  })
  const stop = new AbortController()
  const pieces = client.read(LINK, stop.signal)
  await pieces.next()
  stop.abort()
  expect(await pieces.next()).toMatchObject({ done: true })
  await ended.promise
})
