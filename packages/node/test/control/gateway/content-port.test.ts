import { connect } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  MAX_CONTENT_CLIENTS,
  MAX_CONTENT_HEADER_BYTES,
  MAX_KNOWN_FILES,
  MAX_READS,
  MAX_UNFINISHED_READS,
  RETRY_AFTER_SECONDS,
  SLICE_BYTES,
} from '../../../src/control/gateway/limits.ts'
import { ControlClient } from '../../../src/control/client.ts'
import type { ControlTarget } from '../../../src/control/control-target.ts'
import { Capabilities } from '../../../src/control/gateway/capabilities.ts'
import { ContentPort } from '../../../src/control/gateway/content-port.ts'
import { ShoalError } from '../../../src/errors.ts'
import { systemSeams } from '../../../src/util/system.ts'
import { LINK, ROOT, ask, begin, contentOf, readFrom } from '../../helpers/content.ts'
import { TOKEN, serve } from '../../helpers/control.ts'

const FILM = Buffer.from('0123456789')
const FILES = {
  'a b/film.mp4': FILM,
  'empty.txt': Buffer.alloc(0),
  'page.html': FILM,
  'x.exe': FILM,
  '': FILM,
}
const AT = 'a%20b/film.mp4'

describe('a file', () => {
  test('is given whole, with what it is, to be shown by no other page and run by none', async () => {
    const { url, page } = await contentOf(readFrom(FILES))
    const { status, headers, body } = await ask(`${url}${AT}`)
    expect(status).toBe(200)
    expect(String(body)).toBe(String(FILM))
    expect(headers).toMatchObject({
      'content-type': 'video/mp4',
      'content-length': '10',
      'accept-ranges': 'bytes',
      'content-disposition': `inline; filename="film.mp4"; filename*=UTF-8''film.mp4`,
      etag: expect.stringMatching(/^"[\w-]{43}"$/) as unknown,
      'cache-control': 'private, no-store',
      'access-control-allow-origin': page,
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    })
    expect(headers.vary).toContain('Origin')
    expect(headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'; /)
    expect(headers['content-security-policy']).not.toMatch(/allow-|script-src/)
    expect(headers['access-control-allow-credentials']).toBeUndefined()
    expect(headers['set-cookie']).toBeUndefined()
  })

  test('that is the whole share is at the address itself', async () => {
    const { url } = await contentOf(readFrom(FILES))
    expect(String((await ask(url)).body)).toBe(String(FILM))
  })

  test.each([
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=0-', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=7-100', 206, '789', 'bytes 7-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=-100', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=10-', 416, '', 'bytes */10'],
    ['bytes=99999999999999999999-', 416, '', 'bytes */10'],
    ['bytes=-0', 416, '', 'bytes */10'],
    ['bytes=0-1,3-4', 200, '0123456789', undefined],
    ['bytes=4-2', 200, '0123456789', undefined],
    ['lines=0-1', 200, '0123456789', undefined],
  ])('asked for %s is answered with %i', async (range, status, text, contentRange) => {
    const { url } = await contentOf(readFrom(FILES))
    // Before anything is known of the file, and after.
    for (const answer of [await ask(`${url}${AT}`, { range }), await ask(`${url}${AT}`, { range })]) {
      expect(answer.status).toBe(status)
      expect(String(answer.body)).toBe(text)
      expect(answer.headers['content-range']).toBe(contentRange)
      expect(answer.headers['content-length']).toBe(String(text.length))
    }
  })

  test('that is empty has no part', async () => {
    const { url } = await contentOf(readFrom(FILES))
    expect(await ask(`${url}empty.txt`)).toMatchObject({ status: 200, headers: { 'content-length': '0' } })
    expect(await ask(`${url}empty.txt`, { range: 'bytes=0-' })).toMatchObject({ status: 416 })
    expect(await ask(`${url}empty.txt`, { range: 'bytes=-5' })).toMatchObject({ status: 200 })
  })

  test('is described without being given', async () => {
    const { url } = await contentOf(readFrom(FILES))
    const [head, get] = [await ask(`${url}${AT}`, { range: 'bytes=1-2' }, 'HEAD'), await ask(`${url}${AT}`)]
    expect(head).toMatchObject({
      status: 200,
      headers: { 'content-length': '10', 'content-type': 'video/mp4' },
    })
    expect(head.headers.etag).toBe(get.headers.etag)
    expect(head.body).toHaveLength(0)
    expect(await ask(`${url}none`, {}, 'HEAD')).toMatchObject({ status: 404 })
  })

  test('has a tag of its own, by which it is not sent again, and parts are put together', async () => {
    const { url } = await contentOf(readFrom(FILES))
    const etag = (await ask(`${url}${AT}`)).headers.etag ?? ''
    expect((await ask(`${url}page.html`)).headers.etag).not.toBe(etag)
    expect(await ask(`${url}${AT}`, { 'if-none-match': etag })).toMatchObject({
      status: 304,
      headers: { etag },
    })
    expect(await ask(`${url}${AT}`, { 'if-match': '"x"' })).toMatchObject({ status: 412 })
    expect(await ask(`${url}${AT}`, { range: 'bytes=1-2', 'if-range': etag })).toMatchObject({ status: 206 })
    expect(await ask(`${url}${AT}`, { range: 'bytes=1-2', 'if-range': '"x"' })).toMatchObject({ status: 200 })
  })

  test('that a page could run is text, and what is not known is saved', async () => {
    const { url } = await contentOf(readFrom(FILES))
    expect((await ask(`${url}page.html`)).headers['content-type']).toBe('text/plain; charset=utf-8')
    expect((await ask(`${url}x.exe`)).headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="x.exe"; filename*=UTF-8''x.exe`,
    })
  })
})

test('an address is good for one link, which the node is given with how to look for it', async () => {
  const asked: unknown[] = []
  const read: ControlTarget['read'] = async (body, ...rest) => {
    asked.push(body)
    await readFrom(FILES)(body, ...rest)
  }
  const { client } = await contentOf(read)
  const { url, id, expires } = await client.openContent({ link: LINK, peers: ['/p2p/x'], waitMs: 5 })
  expect(url).not.toContain('bafk')
  expect(expires).toBeGreaterThan(0)
  await ask(`${url}x.exe`, { range: 'bytes=1-2' })
  expect(asked).toEqual([
    { link: LINK, path: 'x.exe', range: { from: 1, to: 2 }, peers: ['/p2p/x'], waitMs: 5 },
  ])
  expect(await client.closeContent(id)).toBe(true)
  expect(await client.closeContent(id)).toBe(false)
  expect(await ask(`${url}x.exe`)).toMatchObject({ status: 404 })
  await expect(client.openContent({ link: 'nothing' })).rejects.toMatchObject({ code: 'ERR_LINK_MALFORMED' })
})

test('where the API is on the socket alone there is no content port, and no login', async () => {
  const { paths, content } = await serve()
  const client = (await ControlClient.connect(paths)) as ControlClient
  expect(content).toBeNull()
  await expect(client.openContent({ link: LINK })).rejects.toMatchObject({ code: 'ERR_OPTIONS_INVALID' })
  await expect(client.loginCode()).rejects.toMatchObject({ code: 'ERR_OPTIONS_INVALID' })
})

describe('nothing else is there', () => {
  test.each([
    ['GET', '/', 404],
    ['GET', '/v1/status', 404],
    ['GET', '/content/', 404],
    ['GET', `/content/${'A'.repeat(43)}/x`, 404],
    ['POST', '/content/', 405],
    ['OPTIONS', '/content/', 405],
    ['DELETE', '/content/', 405],
    ['PUT', '/v1/content', 405],
  ])('%s %s', async (method, path, status) => {
    const { url } = await contentOf(readFrom(FILES))
    const answer = await ask(new URL(path, url).href, { authorization: `Bearer ${TOKEN}` }, method)
    expect(answer.status).toBe(status)
    expect(answer.headers.allow).toBe(status === 405 ? 'GET, HEAD' : undefined)
    expect(answer.headers['content-security-policy']).toMatch(/^sandbox/)
  })

  test('a body is not read', async () => {
    const { url } = await contentOf(readFrom(FILES))
    expect(await ask(`${url}${AT}`, { 'content-length': '5' })).toMatchObject({ status: 400 })
  })
})

test.each([
  ['ERR_NOT_IN_SHARE', 404],
  ['ERR_IS_FOLDER', 404],
  ['ERR_CONTENT_GONE', 410],
  ['ERR_NO_PROVIDER', 504],
  ['ERR_WRONG_KEY', 502],
  ['ERR_CONTENT_INVALID', 502],
  ['ERR_INTERNAL', 500],
] as const)('%s is answered with %i, and why', async (code, status) => {
  const { url } = await contentOf(async () => {
    throw new ShoalError(code, 'because')
  })
  for (const method of ['GET', 'HEAD']) {
    const answer = await ask(url, {}, method)
    expect(answer.status).toBe(status)
    if (method === 'GET') expect(JSON.parse(String(answer.body))).toMatchObject({ code, message: 'because' })
  }
})

test('what fails in the middle is cut off, so that nobody takes it for whole', async () => {
  const { url } = await contentOf(async (_body, { onEvent, write }) => {
    onEvent({ type: 'content', root: ROOT, path: 'x', size: 10, from: 0, bytes: 10 })
    await write(FILM.subarray(0, 4))
    throw new ShoalError('ERR_NO_PROVIDER', 'all are gone')
  })
  const response = await begin(url)
  expect(response.statusCode).toBe(200)
  await expect(
    (async () => {
      for await (const piece of response) void piece
    })(),
  ).rejects.toMatchObject({ code: 'ECONNRESET' })
})

/** Reads that give one byte of many and then wait until they are ended. */
function waitingReads(): {
  read: ControlTarget['read']
  running: () => number
  begun: () => number
  letGo: () => void
} {
  const state = { running: 0, begun: 0 }
  const held = Promise.withResolvers<void>()
  return {
    read: async (_body, { onEvent, write }, signal) => {
      state.running++
      state.begun++
      onEvent({ type: 'content', root: ROOT, path: 'x', size: 10, from: 0, bytes: 10 })
      await write(FILM.subarray(0, 1))
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve()
        else signal.addEventListener('abort', () => resolve(), { once: true })
      })
      state.running--
      await held.promise
      signal.throwIfAborted()
    },
    running: () => state.running,
    begun: () => state.begun,
    letGo: held.resolve,
  }
}

test('who goes away ends its read at once, and another takes its place', async () => {
  const { read, running, begun, letGo } = waitingReads()
  const { url } = await contentOf(read)
  const first = await begin(url)
  expect(running()).toBe(1)
  first.destroy()
  await vi.waitFor(() => expect(running()).toBe(0))
  const responses = await Promise.all(Array.from({ length: MAX_READS }, () => begin(url)))
  expect(responses.map(({ statusCode }) => statusCode)).toEqual(responses.map(() => 200))
  expect(begun()).toBe(MAX_READS + 1)
  letGo()
  for (const response of responses) response.destroy()
})

test('one read too many is told when to come back', async () => {
  const { read, running, letGo } = waitingReads()
  const { url } = await contentOf(read)
  const responses = await Promise.all(Array.from({ length: MAX_READS }, () => begin(url)))
  const refused = await ask(url)
  expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': String(RETRY_AFTER_SECONDS) } })
  expect(JSON.parse(String(refused.body))).toMatchObject({ code: 'ERR_LIMIT' })
  expect(running()).toBe(MAX_READS)
  letGo()
  for (const response of responses) response.destroy()
  await vi.waitFor(async () => {
    const next = await begin(url)
    expect(next.statusCode).toBe(200)
    next.destroy()
  })
})

test('reads that do not end are bounded too', async () => {
  const { read, running, begun, letGo } = waitingReads()
  const { url } = await contentOf(read)
  for (let count = 0; count < MAX_UNFINISHED_READS; count++) {
    const response = await begin(url)
    expect(response.statusCode).toBe(200)
    response.destroy()
    await vi.waitFor(() => expect(running()).toBe(0))
  }
  expect((await ask(url)).status).toBe(503)
  expect(begun()).toBe(MAX_UNFINISHED_READS)
  letGo()
  await vi.waitFor(async () => {
    const next = await begin(url)
    expect(next.statusCode).toBe(200)
    next.destroy()
  })
})

test('an address that is taken back ends what is read by it', async () => {
  const { read, running, letGo } = waitingReads()
  letGo()
  const { url, id, client } = await contentOf(read)
  const response = await begin(url)
  const ended = new Promise((resolve) => void response.once('error', resolve))
  response.resume()
  await client.closeContent(id)
  await ended
  expect(running()).toBe(0)
})

test('a node that stops ends what is read', async () => {
  const { read, running, letGo } = waitingReads()
  letGo()
  const { url, stop } = await contentOf(read)
  const response = await begin(url)
  const ended = new Promise((resolve) => void response.once('error', resolve))
  response.resume()
  await stop()
  await ended
  expect(running()).toBe(0)
})

test('who takes nothing is given no more than the system holds', async () => {
  const piece = Buffer.alloc(1_048_576)
  let written = 0
  const { url } = await contentOf(async (_body, { onEvent, write }, signal) => {
    onEvent({ type: 'content', root: ROOT, path: 'x', size: 1e12, from: 0, bytes: 1e12 })
    for (;;) {
      signal.throwIfAborted()
      await write(piece)
      written++
    }
  })
  const response = await begin(url)
  let before = -1
  // Sockets hold some megabytes; then nothing moves.
  await vi.waitFor(
    () => {
      const isStill = before === written
      before = written
      expect(isStill).toBe(true)
    },
    { interval: 500, timeout: 30_000 },
  )
  const still = written
  expect(still).toBeLessThan(100)
  let taken = 0
  for await (const bytes of response) {
    taken += (bytes as Buffer).byteLength
    if (taken > (still + 2) * piece.byteLength) break
  }
  expect(written).toBeGreaterThan(still)
  expect(SLICE_BYTES).toBeLessThan(piece.byteLength)
})

test('one client too many is hung up on', async () => {
  const { url } = await contentOf(readFrom(FILES))
  const port = Number(new URL(url).port)
  const open = () =>
    new Promise<ReturnType<typeof connect>>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(socket)).on('error', reject)
    })
  const silent = await Promise.all(Array.from({ length: MAX_CONTENT_CLIENTS }, open))
  await new Promise(
    (resolve) =>
      void connect(port, '127.0.0.1')
        .on('error', () => {})
        .once('close', resolve),
  )
  for (const socket of silent) socket.destroy()
  await vi.waitFor(async () => expect((await ask(`${url}${AT}`)).status).toBe(200))
})

test('who does not end its headers is hung up on', async () => {
  const port = new ContentPort({
    read: readFrom(FILES),
    capabilities: new Capabilities(systemSeams),
    timers: systemSeams.timers,
    page: 'http://127.0.0.1:1',
    timeouts: { headersTimeout: 50, requestTimeout: 100, connectionsCheckingInterval: 10 },
  })
  const url = await port.listen()
  onTestFinished(() => port.stop())
  const slow = connect(Number(new URL(url).port), '127.0.0.1')
  let answer = ''
  slow.on('data', (chunk) => (answer += String(chunk)))
  slow.write('GET / HTTP/1.1\r\nHost: ')
  await new Promise((resolve) => void slow.once('close', resolve))
  expect(answer).toMatch(/^HTTP\/1\.1 408 /)
})

test('headers are bounded', async () => {
  const { url } = await contentOf(readFrom(FILES))
  const most = MAX_CONTENT_HEADER_BYTES
  expect(await ask(`${url}${AT}`, { 'x-long': 'x'.repeat(most / 2) })).toMatchObject({ status: 200 })
  expect(await ask(`${url}${AT}`, { 'x-long': 'x'.repeat(most) })).toMatchObject({ status: 431 })
})

test('the sizes of so many files are remembered, and of others looked up again', async () => {
  let looked = 0
  const { url } = await contentOf(async (_body, { onEvent }, signal) => {
    looked++
    onEvent({ type: 'content', root: ROOT, path: 'x', size: 1, from: 0, bytes: 1 })
    signal.throwIfAborted()
  })
  for (let file = 0; file <= MAX_KNOWN_FILES; file++) await ask(`${url}${file}`, {}, 'HEAD')
  expect(looked).toBe(MAX_KNOWN_FILES + 1)
  await ask(`${url}${MAX_KNOWN_FILES}`, {}, 'HEAD')
  expect(looked).toBe(MAX_KNOWN_FILES + 1)
  await ask(`${url}0`, {}, 'HEAD')
  expect(looked).toBe(MAX_KNOWN_FILES + 2)
})
