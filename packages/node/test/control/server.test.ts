import { request, type RequestOptions } from 'node:http'
import { rm, stat, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createApi } from '../../src/control/api.ts'
import type { BrowserAccess } from '../../src/control/browser-access.ts'
import { ControlClient } from '../../src/control/client.ts'
import type { ControlTarget } from '../../src/control/control-target.ts'
import { createGuard, createPageGuard, tcpNames } from '../../src/control/guard.ts'
import { MAX_TCP_CLIENTS } from '../../src/control/limits.ts'
import { listenOnTcp } from '../../src/control/listeners.ts'
import { Operations } from '../../src/control/operations.ts'
import { Once } from '../../src/control/spaces/once.ts'
import { ShoalError } from '../../src/errors.ts'
import { homePaths, type HomePaths } from '../../src/store/home.ts'
import { systemSeams } from '../../src/util/system.ts'
import { TOKEN, serve } from '../helpers/control.ts'
import { temporaryFolder } from '../helpers/files.ts'

function ask(
  paths: HomePaths,
  options: RequestOptions,
  body?: string,
): Promise<{ status: number; code: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: paths.socket, path: '/v1/status', ...options }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => {
        const { code = '' } = JSON.parse(text) as { code?: string }
        resolve({ status: response.statusCode ?? 0, code })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

const entitled = { host: 'localhost', authorization: `Bearer ${TOKEN}` }

describe('only who has the token and asks as this host gets an answer', () => {
  test.each<[string, Record<string, string>, number]>([
    ['the token and the host', entitled, 200],
    ['no token', { host: 'localhost' }, 401],
    ['another token', { ...entitled, authorization: 'Bearer a-token-of-this-tesT' }, 401],
    ['a longer token', { ...entitled, authorization: `Bearer ${TOKEN}x` }, 401],
    ['the token without its scheme', { ...entitled, authorization: TOKEN }, 401],
    ['another host', { ...entitled, host: 'evil.example' }, 401],
    ['the host with a port', { ...entitled, host: 'localhost:80' }, 401],
    ['an origin', { ...entitled, origin: 'http://localhost' }, 401],
    ['a null origin', { ...entitled, origin: 'null' }, 401],
  ])('%s', async (_name, headers, status) => {
    const { paths } = await serve()
    const answer = await ask(paths, { headers })
    expect(answer.status).toBe(status)
    if (status === 401) expect(answer.code).toBe('ERR_NOT_AUTHORISED')
  })
})

test('a route that does not exist is told, but only to who is entitled', async () => {
  const { paths } = await serve()
  expect(await ask(paths, { path: '/v2', headers: entitled })).toEqual({ status: 404, code: 'ERR_USAGE' })
  expect(await ask(paths, { path: '/v2', headers: { host: 'localhost' } })).toMatchObject({ status: 401 })
})

test('a body over 64 KiB and one that is no JSON are refused', async () => {
  const { paths } = await serve()
  const post = {
    path: '/v1/operations/share',
    method: 'POST',
    headers: { ...entitled, 'content-type': 'application/json' },
  }
  expect(await ask(paths, post, `{"paths":["/${'x'.repeat(4_200_000)}"]}`)).toMatchObject({ status: 400 })
  expect(await ask(paths, post, '{')).toEqual({ status: 400, code: 'ERR_OPTIONS_INVALID' })
})

describe('a malformed request is an error event that names the field', () => {
  test.each<[string, object]>([
    ['a relative path', { paths: ['/a', 'here'] }],
    ['a NUL in the path', { paths: ['/a\0b'] }],
    ['no path', { paths: [] }],
    ['one path in place of a list', { paths: '/a' }],
    ['an unknown field', { paths: ['/a'], exec: 'rm' }],
    ['a wrong type', { paths: ['/a'], public: 'yes' }],
    ['one pattern in place of a list', { paths: ['/a'], exclude: '*.tmp' }],
    ['nothing', {}],
  ])('%s', async (_name, body) => {
    const { paths } = await serve()
    const client = (await ControlClient.connect(paths)) as ControlClient
    const events = client.share(body as { paths: string[] }, new AbortController().signal)
    await expect(events.next()).rejects.toMatchObject({ code: 'ERR_OPTIONS_INVALID' })
  })
})

test('events arrive one by one, and leaving early ends the operation', async () => {
  const ended = Promise.withResolvers<void>()
  const { paths } = await serve({
    share: async (_request, onEvent, signal) => {
      onEvent({ type: 'hashing', bytes: 1, total: 2 })
      signal.addEventListener('abort', () => ended.resolve())
      await ended.promise
    },
  })
  const client = (await ControlClient.connect(paths)) as ControlClient
  for await (const event of client.share({ paths: ['/a'] }, new AbortController().signal)) {
    expect(event).toEqual({ type: 'hashing', bytes: 1, total: 2 })
    break
  }
  await ended.promise
})

test('a listing waits for a client that reads slowly, and ends when it leaves', async () => {
  let written = 0
  const ended = Promise.withResolvers<void>()
  const { paths } = await serve({
    list: async (_request, write, signal) => {
      while (!signal.aborted) {
        written++
        await write({ type: 'entry', path: 'x'.repeat(1_000), bytes: 1, kind: 'file', mtime: null })
        // Without a pause that is no microtask an endless writer would not notice that its client left.
        if (written % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      ended.resolve()
    },
  })
  const client = (await ControlClient.connect(paths)) as ControlClient
  const events = client.list({ link: 'x', path: 'y' }, new AbortController().signal)
  expect(await events.next()).toMatchObject({ value: { type: 'entry', mtime: null } })
  let before = -1
  await vi.waitFor(() => {
    const stands = written === before
    before = written
    expect(stands).toBe(true)
  })
  expect(written).toBeLessThan(20_000)
  await events.return(undefined)
  await ended.promise
})

test('findings arrive one by one, and end when their reader has enough', async () => {
  const ended = Promise.withResolvers<void>()
  const finding = {
    type: 'finding',
    id: 'disk',
    severity: 'ok',
    effect: 'x',
    remedy: null,
    data: {},
  } as const
  const { paths } = await serve({
    doctor: async (write, signal) => {
      await write(finding)
      signal.addEventListener('abort', () => ended.resolve())
      await ended.promise
    },
    peers: async () => [],
  })
  const client = (await ControlClient.connect(paths)) as ControlClient
  expect(await client.peers()).toEqual([])
  const stop = new AbortController()
  const found: unknown[] = []
  for await (const event of client.doctor(stop.signal)) {
    found.push(event)
    stop.abort()
  }
  expect(found).toEqual([finding])
  await ended.promise
  expect(await client.doctor(AbortSignal.abort()).next()).toMatchObject({ done: true })
})

test('an error of the operation reaches the client with its code', async () => {
  const { paths } = await serve({
    fetch: async () => {
      throw new ShoalError('ERR_WRONG_KEY', 'no')
    },
  })
  const client = (await ControlClient.connect(paths)) as ControlClient
  const events = client.fetch({ link: 'x', directory: '/out' }, new AbortController().signal)
  await expect(events.next()).rejects.toMatchObject({ code: 'ERR_WRONG_KEY' })
})

test('a node that stops tells its clients', async () => {
  const { paths, stop } = await serve({
    share: async (_request, onEvent, signal) => {
      onEvent({ type: 'hashing', bytes: 1, total: 2 })
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      signal.throwIfAborted()
    },
  })
  const client = (await ControlClient.connect(paths)) as ControlClient
  const events = client.share({ paths: ['/a'] }, new AbortController().signal)
  await events.next()
  const [next] = await Promise.allSettled([events.next(), stop()])
  expect(next).toMatchObject({ status: 'rejected', reason: { code: 'ERR_NODE_STOPPED' } })
})

test('an operation ends also when nobody can be asked to end it', async () => {
  const { paths } = await serve({
    share: async (_request, onEvent, signal) => {
      onEvent({ type: 'hashing', bytes: 1, total: 2 })
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    },
  })
  const client = (await ControlClient.connect(paths)) as ControlClient
  const stop = new AbortController()
  const events = client.share({ paths: ['/a'] }, stop.signal)
  await events.next()
  await rm(paths.socket)
  const ended = events.next()
  stop.abort()
  expect(await ended).toEqual({ value: undefined, done: true })
})

test('there is no client where nothing listens', async () => {
  const paths = homePaths(await temporaryFolder(), {})
  expect(await ControlClient.connect(paths)).toBeUndefined()
  await writeFile(paths.tokenFile, 'left behind')
  expect(await ControlClient.connect(paths)).toBeUndefined()
})

test('the socket is for its owner alone, and a long home gets one elsewhere', async () => {
  const { paths } = await serve()
  expect((await stat(paths.socket)).mode & 0o777).toBe(0o600)
  const long = homePaths(join('/home', 'x'.repeat(120)), { XDG_RUNTIME_DIR: '/run/user/1' })
  expect(long.socket).toMatch(/^\/run\/user\/1\/shoal-[0-9a-f]{32}\.sock$/)
  expect(Buffer.byteLength(long.socket)).toBeLessThan(100)
})

describe('the shares of a home', () => {
  const share = {
    root: 'r',
    link: 'l',
    name: 'n',
    bytes: 1,
    sealed: true,
    state: 'stale',
    pinned: false,
    keptBytes: 0,
  } as const

  test('are told one a line, all or only the active ones', async () => {
    const asked: unknown[] = []
    const { paths } = await serve({
      shares: async (options, write) => {
        asked.push(options)
        await write({ type: 'share', ...share })
      },
    })
    const client = (await ControlClient.connect(paths)) as ControlClient
    const told: unknown[] = []
    for (const options of [{}, { activeOnly: true }]) {
      for await (const event of client.shares(options)) told.push(event)
    }
    expect(asked).toEqual([{}, { activeOnly: true }])
    expect(told).toEqual([
      { type: 'share', ...share },
      { type: 'share', ...share },
    ])
  })

  test('are removed by what their link names, and by nothing else', async () => {
    const root = 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'
    const removed: string[] = []
    const { paths } = await serve({
      unshare: async (given) => {
        if (removed.includes(given)) throw new ShoalError('ERR_NOT_SHARED', 'nothing')
        removed.push(given)
        return [share]
      },
    })
    const client = (await ControlClient.connect(paths)) as ControlClient
    expect(await client.unshare(root)).toEqual([share])
    expect(removed).toEqual([root])
    await expect(client.unshare(root)).rejects.toMatchObject({ code: 'ERR_NOT_SHARED' })
    await expect(client.unshare('nonsense')).rejects.toMatchObject({ code: 'ERR_LINK_MALFORMED' })
  })
})

test('a client ends what lets it, and is told before it is gone', async () => {
  const { paths, stop } = await serve({ end: () => void stop() })
  const client = await ControlClient.connect(paths)
  await client?.stop()
  await vi.waitFor(async () => expect(await ControlClient.connect(paths)).toBeUndefined())
})

test('what belongs to a command or program is not ended by a client', async () => {
  const { paths } = await serve()
  const client = await ControlClient.connect(paths)
  await expect(client?.stop()).rejects.toMatchObject({ code: 'ERR_NOT_DAEMON' })
  expect(await ask(paths, { path: '/v1/stop', headers: entitled })).toMatchObject({ status: 404 })
  expect(
    await ask(paths, { method: 'POST', path: '/v1/stop', headers: { host: 'localhost' } }),
  ).toMatchObject({
    status: 401,
  })
  expect(await client?.status()).toMatchObject({ daemon: false })
})

describe('on TCP, where strangers of this computer reach it', () => {
  test('it answers as on the socket, and ends with it', async () => {
    const { api, stop } = await serve(
      {
        list: async (_request, write) => {
          await write({ type: 'warning', code: 'WARN_X', message: 'm' })
        },
      },
      { tcp: true },
    )
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
    const status = await fetch(`${api}/v1/status`, { headers })
    expect(await status.json()).toMatchObject({ type: 'status', peerId: 'me' })
    const body = JSON.stringify({ link: 'x' })
    const listing = await fetch(`${api}/v1/operations/list`, { method: 'POST', headers, body })
    expect(await listing.text()).toBe('{"type":"warning","code":"WARN_X","message":"m"}\n')
    await stop()
    await expect(fetch(`${api}/v1/status`, { headers })).rejects.toThrow('fetch failed')
  })

  test('nobody takes all its places', async () => {
    const { api } = await serve({}, { tcp: true })
    const port = Number(new URL(api ?? '').port)
    const silent = await Promise.all(Array.from({ length: MAX_TCP_CLIENTS }, () => opened(port)))
    const [ours] = silent
    // One more is hung up on instead of waiting.
    await new Promise(
      (resolve) =>
        void connect(port, '127.0.0.1')
          .on('error', () => {})
          .once('close', resolve),
    )
    for (const socket of silent) socket.destroy()
    expect(ours?.destroyed).toBe(true)
    await vi.waitFor(async () => {
      const answer = await fetch(`${api}/v1/status`, { headers: { authorization: `Bearer ${TOKEN}` } })
      expect(answer.status).toBe(200)
    })
  })

  test('who does not end its headers is hung up on', async () => {
    const app = createApi({
      target: {} as ControlTarget,
      guard: createGuard(TOKEN, tcpNames),
      pageGuard: createPageGuard(tcpNames),
      browser: {} as Pick<BrowserAccess, 'content' | 'login'>,
      operations: new Operations(),
      once: new Once(systemSeams.clock),
      stopping: new AbortController().signal,
      timeouts: { headersTimeout: 50, requestTimeout: 100, connectionsCheckingInterval: 10 },
    })
    onTestFinished(() => app.close())
    const port = Number(new URL(await listenOnTcp(app)).port)
    const slow = await opened(port)
    let answer = ''
    slow.on('data', (chunk) => (answer += String(chunk)))
    slow.write('GET /v1/status HTTP/1.1\r\nHost: ')
    await new Promise((resolve) => void slow.once('close', resolve))
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  })
})

function opened(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(socket)).once('error', reject)
  })
}
