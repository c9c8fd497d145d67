/**
 * Every route of the control API, on the socket and on TCP, against requests that a page in a browser, another user or a
 * careless proxy could bring about: none of them reaches the node, and afterwards it still answers who is entitled.
 */
import { connect, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { ControlClient } from '../../src/control/client.ts'
import { MAX_LOGIN_BODY_BYTES } from '../../src/control/login/limits.ts'
import { ROUTES } from '../../src/control/routes.ts'
import { LINK, ROOT } from '../helpers/content.ts'
import { TOKEN, serve } from '../helpers/control.ts'

/** Where requests go, and what an entitled client says there. */
interface Door {
  readonly name: 'socket' | 'tcp'
  readonly open: () => Socket
  readonly host: string
  readonly port: number
}

interface Request {
  readonly method: string
  readonly path: string
  readonly door: Door
}

type Headers = readonly (readonly [name: string, value: string])[]
/** The headers of a hostile request; a string is its whole text. */
type Hostile = (request: Request) => Headers | string

const BEARER = `Bearer ${TOKEN}`
const own = (door: Door): Headers => [['Host', door.host]]
const entitled = (door: Door): Headers => [...own(door), ['Authorization', BEARER]]
/** As an entitled client, but by another name. */
const asHost =
  (nameOf: (door: Door) => string): Hostile =>
  ({ door }) => [
    ['Host', nameOf(door)],
    ['Authorization', BEARER],
  ]
/** As an entitled client, but on behalf of a page from elsewhere. */
const asPage =
  (originOf: (door: Door) => string): Hostile =>
  ({ door }) => [...entitled(door), ['Origin', originOf(door)]]
/** By the right name, but with something else for the token. */
const withToken =
  (value: string): Hostile =>
  ({ door }) => [...own(door), ['Authorization', value]]
const also =
  (...more: Headers): Hostile =>
  ({ door }) => [...own(door), ...more]

const HOSTILE: Readonly<Record<string, Hostile>> = {
  'no header at all': () => [],
  'a foreign host': asHost(() => 'evil.example'),
  'a foreign host with our port': asHost(({ port }) => `evil.example:${port}`),
  'a name that was made to resolve to us': asHost(({ port }) => `127.0.0.1.evil.example:${port}`),
  'our name as the user of another': asHost(({ host }) => `${host}@evil.example`),
  'another as the user of our name': asHost(({ host }) => `evil.example@${host}`),
  'the name of the other door': asHost(({ name, port }) =>
    name === 'tcp' ? 'localhost' : `127.0.0.1:${port}`,
  ),
  'localhost with a port': asHost(({ port }) => `localhost:${port}`),
  'no port': asHost(({ name }) => (name === 'tcp' ? '127.0.0.1' : '127.0.0.1:80')),
  'another port': asHost(({ port }) => `127.0.0.1:${port + 1}`),
  'an empty port': asHost(({ host }) => `${host}:`),
  'the address of all addresses': asHost(({ port }) => `0.0.0.0:${port}`),
  'IPv6 loopback': asHost(({ port }) => `[::1]:${port}`),
  'IPv4 in IPv6': asHost(({ port }) => `[::ffff:127.0.0.1]:${port}`),
  'the address as one number': asHost(({ port }) => `2130706433:${port}`),
  'the address in hexadecimal': asHost(({ port }) => `0x7f000001:${port}`),
  'the address in octal': asHost(({ port }) => `0177.0.0.1:${port}`),
  'the short form of the address': asHost(({ port }) => `127.1:${port}`),
  'another address of loopback': asHost(({ port }) => `127.0.0.2:${port}`),
  'a dot behind the name': asHost(({ host }) => host.replace(/(:\d+)?$/, '.$1')),
  'the name in capitals': asHost(({ name }) => (name === 'tcp' ? 'LOCALHOST' : 'LocalHost')),
  'an empty host': asHost(() => ''),
  'a host with a path': asHost(({ host }) => `${host}/`),
  'two hosts, ours first': ({ door }) => [...entitled(door), ['Host', 'evil.example']],
  'two hosts, ours last': ({ door }) => [['Host', 'evil.example'], ...entitled(door)],
  'our host twice': ({ door }) => [...own(door), ...entitled(door)],
  'the host that a proxy passed on': ({ door }) => [
    ['Host', 'evil.example'],
    ['Authorization', BEARER],
    ['X-Forwarded-Host', door.host],
    ['Forwarded', `host=${door.host}`],
  ],
  'a whole URL as the path, and a foreign host': ({ method, path, door }) =>
    `${method} http://${door.host}${path} HTTP/1.1\r\nHost: evil.example\r\nAuthorization: ${BEARER}\r\nConnection: close\r\n\r\n`,
  'an old version without a host': ({ method, path }) =>
    `${method} ${path} HTTP/1.0\r\nAuthorization: ${BEARER}\r\n\r\n`,
  'a foreign origin': asPage(() => 'http://evil.example'),
  'the origin of no page': asPage(() => 'null'),
  'an empty origin': asPage(() => ''),
  'a file as origin': asPage(() => 'file://'),
  'an extension as origin': asPage(() => 'chrome-extension://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'),
  'our origin over https': asPage(({ port }) => `https://127.0.0.1:${port}`),
  'our origin by another name': asPage(({ port }) => `http://localhost:${port}`),
  'our origin on another port': asPage(({ port }) => `http://127.0.0.1:${port + 1}`),
  'our origin without its port': asPage(() => 'http://127.0.0.1'),
  'our origin with a slash': asPage(({ port }) => `http://127.0.0.1:${port}/`),
  'our origin as the begin of another': asPage(({ port }) => `http://127.0.0.1:${port}.evil.example`),
  'our origin as the user of another': asPage(({ port }) => `http://127.0.0.1:${port}@evil.example`),
  'two origins, one of them ours': ({ door }) => [
    ...entitled(door),
    ['Origin', `http://127.0.0.1:${door.port}`],
    ['Origin', 'http://evil.example'],
  ],
  'two origins in one': asPage(({ port }) => `http://127.0.0.1:${port} http://evil.example`),
  'no token': ({ door }) => own(door),
  'no token, from our own page': ({ door }) => [...own(door), ['Origin', `http://127.0.0.1:${door.port}`]],
  'an empty token': withToken(''),
  'the scheme without a token': withToken('Bearer'),
  'another token': withToken('Bearer another-token'),
  'the token in other letters': withToken(`Bearer ${TOKEN.toUpperCase()}`),
  'the begin of the token': withToken(`Bearer ${TOKEN.slice(0, -1)}`),
  'the token and more': withToken(`${BEARER}x`),
  'the token after two spaces': withToken(`Bearer  ${TOKEN}`),
  'the scheme in small letters': withToken(`bearer ${TOKEN}`),
  'the token without its scheme': withToken(TOKEN),
  'the token as a password': withToken(`Basic ${Buffer.from(`:${TOKEN}`).toString('base64')}`),
  'the token as a digest': withToken(`Digest username="", response="${TOKEN}"`),
  'the token, encoded': withToken(`Bearer ${TOKEN.replace('-', '%2d')}`),
  'the token twice': ({ door }) => [...entitled(door), ['Authorization', BEARER]],
  'the token and another': ({ door }) => [...entitled(door), ['Authorization', 'Bearer x']],
  'another and the token': ({ door }) => [
    ...own(door),
    ['Authorization', 'Bearer x'],
    ['Authorization', BEARER],
  ],
  'the token in a cookie': also(['Cookie', `token=${TOKEN}; authorization=${BEARER}`]),
  'the token for a proxy': also(['Proxy-Authorization', BEARER]),
  'the token under another name': also(['X-Authorization', BEARER], ['X-Shoal-Token', TOKEN]),
  'the token in the query': ({ method, path, door }) =>
    `${method} ${path}?token=${TOKEN}&access_token=${TOKEN} HTTP/1.1\r\nHost: ${door.host}\r\nConnection: close\r\n\r\n`,
  'a token of a megabyte': withToken(`Bearer ${'x'.repeat(1_048_576)}`),
  'what a page asks before it sends': ({ path, door, method }) =>
    `OPTIONS ${path} HTTP/1.1\r\nHost: ${door.host}\r\nOrigin: http://evil.example\r\nAccess-Control-Request-Method: ${method}\r\nAccess-Control-Request-Private-Network: true\r\nConnection: close\r\n\r\n`,
  'the same with a token': ({ path, door, method }) =>
    `OPTIONS ${path} HTTP/1.1\r\nHost: ${door.host}\r\nAuthorization: ${BEARER}\r\nOrigin: http://evil.example\r\nAccess-Control-Request-Method: ${method}\r\nConnection: close\r\n\r\n`,
  'a method behind another': ({ path, door, method }) =>
    `GET ${path} HTTP/1.1\r\nHost: ${door.host}\r\nX-HTTP-Method-Override: ${method}\r\nConnection: close\r\n\r\n`,
  'a WebSocket from a page': ({ path, door }) =>
    `GET ${path} HTTP/1.1\r\nHost: ${door.host}\r\nOrigin: http://evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: ${TOKEN}\r\n\r\n`,
  'two lengths of one body': ({ method, path, door }) =>
    `${method} ${path} HTTP/1.1\r\nHost: ${door.host}\r\nAuthorization: ${BEARER}\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /v1/status HTTP/1.1\r\n\r\n`,
  'a line feed in a header': ({ method, path, door }) =>
    `${method} ${path} HTTP/1.1\r\nHost: evil.example\nHost: ${door.host}\r\nAuthorization: ${BEARER}\r\nConnection: close\r\n\r\n`,
  'a form of a page': ({ method, path, door }) =>
    `${method} ${path} HTTP/1.1\r\nHost: ${door.host}\r\nOrigin: http://evil.example\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\nConnection: close\r\n\r\n{"a":1}`,
  'plain text of a page': ({ method, path, door }) =>
    `${method} ${path} HTTP/1.1\r\nHost: ${door.host}\r\nOrigin: null\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`,
}

/** What is wrong with these is the token, which the content port does not ask for: there the address is the secret. */
const HOLDS_AN_ADDRESS: readonly string[] = [
  'no token',
  'an empty token',
  'the scheme without a token',
  'another token',
  'the token in other letters',
  'the begin of the token',
  'the token and more',
  'the token after two spaces',
  'the scheme in small letters',
  'the token without its scheme',
  'the token as a password',
  'the token as a digest',
  'the token, encoded',
  'the token twice',
  'the token and another',
  'another and the token',
  'the token in a cookie',
  'the token for a proxy',
  'the token under another name',
  'a method behind another',
]

/** Both doors of one API, and what came through to the node behind it. */
async function twoDoors(): Promise<{
  doors: readonly Door[]
  reached: readonly string[]
  client: ControlClient
}> {
  const reached: string[] = []
  const steered = [
    'share',
    'shareInput',
    'fetch',
    'list',
    'stat',
    'shares',
    'unshare',
    'verify',
    'read',
    'peers',
    'doctor',
  ]
  const note = (name: string) => async (): Promise<never[]> => {
    reached.push(name)
    return []
  }
  const { paths, api } = await serve(
    {
      ...Object.fromEntries(steered.map((name) => [name, note(name)])),
      end: () => void reached.push('end'),
      sources: () => {
        reached.push('sources')
        return []
      },
      spaces: {
        list: note('spaces'),
        create: note('create') as () => Promise<never>,
        open: note('open') as () => Promise<never>,
        join: note('join') as () => Promise<never>,
        of: (id): never => {
          reached.push(`space ${id}`)
          throw new Error('nobody is to come here')
        },
      },
    },
    { tcp: true },
  )
  const port = Number(new URL(api ?? '').port)
  const doors: Door[] = [
    { name: 'socket', open: () => connect(paths.socket), host: 'localhost', port },
    { name: 'tcp', open: () => connect(port, '127.0.0.1'), host: `127.0.0.1:${port}`, port },
  ]
  return { doors, reached, client: (await ControlClient.connect(paths)) as ControlClient }
}

function textOf(hostile: Hostile, request: Request): string {
  const given = hostile(request)
  if (typeof given === 'string') return given
  const lines = given.map(([name, value]) => `${name}: ${value}`)
  return `${[`${request.method} ${request.path} HTTP/1.1`, ...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`
}

/** Sends a text and gives back all that comes until the other side closes. */
async function answerTo({ open }: Door, text: string): Promise<string> {
  const socket = open()
  socket.setEncoding('latin1')
  // What is too long is cut off while it is still sent.
  socket.on('error', () => {})
  socket.write(text)
  let answer = ''
  await new Promise<void>((resolve) => {
    socket.on('data', (chunk: string) => (answer += chunk)).once('close', resolve)
  })
  return answer
}

test('there are at least 60 kinds of hostile requests, and routes of every method', () => {
  expect(Object.keys(HOSTILE).length).toBeGreaterThanOrEqual(60)
  expect(new Set(ROUTES.map(({ method }) => method))).toEqual(
    new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  )
})

test.each(Object.entries(HOSTILE))('%s: on no route of either door', async (_name, hostile) => {
  const { doors, reached } = await twoDoors()
  for (const door of doors) {
    for (const { method, path } of ROUTES) {
      const answer = await answerTo(door, textOf(hostile, { method, path, door }))
      expect(answer, `${door.name} ${method} ${path}`).toMatch(/^HTTP\/1\.1 (400|401|431) /)
      expect(answer.toLowerCase()).not.toContain('access-control-')
      expect(answer).not.toContain(TOKEN)
    }
  }
  expect(reached).toEqual([])
  for (const door of doors) {
    const status = { method: 'GET', path: '/v1/status', door }
    expect(
      await answerTo(
        door,
        textOf(() => entitled(door), status),
      ),
    ).toMatch(/^HTTP\/1\.1 200 /)
  }
})

test('our own page is answered on TCP, and on the socket, where no page is, refused', async () => {
  const { doors } = await twoDoors()
  const answers = await Promise.all(
    doors.map((door) => {
      const page = asPage(({ port }) => `http://127.0.0.1:${port}`)
      return answerTo(door, textOf(page, { method: 'GET', path: '/v1/status', door }))
    }),
  )
  expect(answers.map((answer) => answer.slice(0, 12))).toEqual(['HTTP/1.1 401', 'HTTP/1.1 200'])
})

test.each([
  ['plain text', 'text/plain', '{"paths":["/a"]}'],
  ['a form', 'application/x-www-form-urlencoded', 'paths=/a'],
  ['a form in parts', 'multipart/form-data; boundary=x', '--x--'],
  ['no type at all', '', '{"paths":["/a"]}'],
])('a body that is %s is not read, even from who is entitled', async (_name, type, body) => {
  const { doors, reached } = await twoDoors()
  for (const door of doors) {
    const headers = [...entitled(door), ...(type === '' ? [] : [['Content-Type', type] as const])]
    const text = textOf(() => [...headers, ['Content-Length', String(body.length)]], {
      method: 'POST',
      path: '/v1/operations/share',
      door,
    })
    expect(await answerTo(door, `${text}${body}`)).toMatch(/^HTTP\/1\.1 400 [^]*ERR_OPTIONS_INVALID/)
  }
  expect(reached).toEqual([])
})

test('no answer may be kept, framed or taken for what it is not', async () => {
  const { doors } = await twoDoors()
  for (const door of doors) {
    for (const { method, path } of [
      { method: 'GET', path: '/v1/status' },
      { method: 'GET', path: '/v1/shares' },
    ]) {
      const answer = await answerTo(
        door,
        textOf(() => entitled(door), { method, path, door }),
      )
      expect(answer).toMatch(/^HTTP\/1\.1 200 /)
      expect(answer).toMatch(/\r\ncache-control: no-store\r\n/i)
      expect(answer).toMatch(/\r\ncontent-security-policy: default-src 'none'; frame-ancestors 'none'\r\n/i)
      expect(answer).toMatch(/\r\nx-content-type-options: nosniff\r\n/i)
      expect(answer).toMatch(/\r\ncross-origin-resource-policy: same-origin\r\n/i)
    }
  }
})

test.each(Object.entries(HOSTILE))('%s: nor at the content port', async (name, hostile) => {
  let reached = 0
  const { paths, content } = await serve(
    {
      read: async (_body, { onEvent, write }) => {
        reached++
        onEvent({ type: 'content', root: ROOT, path: 'x', size: 6, from: 0, bytes: 6 })
        await write(Buffer.from('SECRET'))
      },
    },
    { tcp: true },
  )
  const client = (await ControlClient.connect(paths)) as ControlClient
  const { url } = await client.openContent({ link: LINK })
  const port = Number(new URL(content ?? '').port)
  const door: Door = { name: 'tcp', open: () => connect(port, '127.0.0.1'), host: `127.0.0.1:${port}`, port }
  const good = new URL(url).pathname
  for (const path of [
    '/',
    '/v1/status',
    '/content/',
    good.slice(0, -2),
    `/content/${TOKEN}/`,
    `/content/${'A'.repeat(43)}/`,
  ]) {
    for (const method of ['GET', 'HEAD', 'POST']) {
      const answer = await answerTo(door, textOf(hostile, { method, path, door }))
      expect(answer, `${method} ${path}`).toMatch(/^HTTP\/1\.1 (400|403|404|405|431) /)
    }
  }
  expect(reached).toBe(0)
  const isHolder = HOLDS_AN_ADDRESS.includes(name)
  const answer = await answerTo(door, textOf(hostile, { method: 'GET', path: good, door }))
  expect(answer).toMatch(isHolder ? /^HTTP\/1\.1 200 / : /^HTTP\/1\.1 (400|403|404|405|431) /)
  expect(answer.includes('SECRET')).toBe(isHolder)
  expect(reached).toBe(isHolder ? 1 : 0)
  const entitledAnswer = await answerTo(
    door,
    textOf(() => own(door), { method: 'GET', path: good, door }),
  )
  expect(entitledAnswer).toMatch(/^HTTP\/1\.1 200 [^]*SECRET$/)
})

describe('a page logs in', () => {
  const post = (door: Door, headers: Headers, body: string): string =>
    `${textOf(() => [...headers, ['Content-Type', 'application/json'], ['Content-Length', String(body.length)]], { method: 'POST', path: '/v1/login', door })}${body}`

  test('by a code, at the door where pages are, once', async () => {
    const { doors, client } = await twoDoors()
    const { code } = await client.loginCode()
    const body = JSON.stringify({ code })
    const [socket, tcp] = doors as [Door, Door]
    const asOwn = (door: Door): Headers => [...own(door), ['Origin', `http://127.0.0.1:${door.port}`]]
    const refused: [Door, Headers][] = [
      [socket, own(socket)],
      [socket, entitled(socket)],
      [socket, asOwn(socket)],
      [tcp, own(tcp)],
      [tcp, entitled(tcp)],
      [
        tcp,
        [
          ['Host', 'evil.test'],
          ['Origin', `http://127.0.0.1:${tcp.port}`],
        ],
      ],
      [tcp, [...own(tcp), ['Origin', 'http://evil.test']]],
      [tcp, [...own(tcp), ['Origin', 'null']]],
      [tcp, [...asOwn(tcp), ['Origin', `http://127.0.0.1:${tcp.port}`]]],
    ]
    for (const [door, headers] of refused) {
      expect(await answerTo(door, post(door, headers, body))).toMatch(/^HTTP\/1\.1 401 /)
    }
    expect(await answerTo(tcp, post(tcp, asOwn(tcp), '{"code":"a-guess"}'))).toMatch(/^HTTP\/1\.1 401 /)
    expect(await answerTo(tcp, post(tcp, asOwn(tcp), body))).toMatch(
      /^HTTP\/1\.1 200 [^]*"token":"a-token-of-this-test"/,
    )
    expect(await answerTo(tcp, post(tcp, asOwn(tcp), body))).toMatch(/^HTTP\/1\.1 401 /)
  })

  test('with nothing but a small code', async () => {
    const { doors } = await twoDoors()
    const tcp = doors[1] as Door
    const headers: Headers = [...own(tcp), ['Origin', `http://127.0.0.1:${tcp.port}`]]
    for (const body of [
      '',
      '{}',
      '{"code":1}',
      '{"code":"x","more":1}',
      `{"code":"${'x'.repeat(65)}"}`,
      `{"code":"${'x'.repeat(MAX_LOGIN_BODY_BYTES)}"}`,
    ]) {
      expect(await answerTo(tcp, post(tcp, headers, body))).toMatch(/^HTTP\/1\.1 400 /)
    }
  })
})
