/** Pages in a real browser against a running node: those of others get nothing, the node's own is served. */
import { readFile, readdir } from 'node:fs/promises'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ShoalNode } from '@shoal/node'
import { ControlClient, homePaths } from '@shoal/node/control'
import type { Browser, Page } from 'playwright-core'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { EVIL_NAME, browserIsMissing, openBrowser, openContext } from '../helpers/browser.ts'
import { evilPage, evilServer, rebind } from '../helpers/evil.ts'
import { folderOf, startNode, temporaryFolder } from '../helpers/nodes.ts'
import { wav } from '../helpers/wav.ts'

const SECONDS = 300
/** The node's own page, until there is one: logs in by the code, and gets an address. */
const OWN_PAGE = `<!doctype html><meta charset="utf-8"><title>own</title><body><script>
const code = location.hash.replace('#code=', '')
history.replaceState(null, '', '/')
const json = { 'content-type': 'application/json' }
const post = async (path, body, headers) => {
  const answer = await fetch(path, { method: 'POST', body: JSON.stringify(body), headers: { ...json, ...headers } })
  return { status: answer.status, body: await answer.json() }
}
let token
window.login = async () => {
  const { status, body } = await post('/v1/login', { code })
  token = body.token
  return status
}
window.open_ = (link) => post('/v1/content', { link }, { authorization: 'Bearer ' + token })
window.status_ = async () => (await fetch('/v1/status', { headers: { authorization: 'Bearer ' + token } })).status
</script>`

/** What a careless server gives, for what it is asked. */
const CARELESS: Readonly<Record<string, readonly [string, string | Buffer]>> = {
  script: ['text/javascript', 'window.x = 1'],
  style: ['text/css', ''],
  image: ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
  video: ['audio/wav', wav(1)],
  audio: ['audio/wav', wav(1)],
}

/** Runs where there is a page; what it gives back is JSON. */
const run = async <T>(page: Page, script: string): Promise<T> => (await page.evaluate(script)) as T

/** A page of the node, logged in, to which `url` leads. */
async function openOwn(browser: Browser, api: string, url: string): Promise<Page> {
  const page = await (await openContext(browser)).newPage()
  await page.route(`${api}/`, (route) => route.fulfill({ contentType: 'text/html', body: OWN_PAGE }))
  await page.goto(url)
  await page.waitForURL(`${api}/`)
  expect(await run(page, 'login()')).toBe(200)
  return page
}

/** What a page from the share tries as soon as it runs. */
const running = (port: number): string =>
  `document.title = 'ran'; window.ran = true; new Image().src = 'http://127.0.0.1:${port}/ran'; fetch('http://127.0.0.1:${port}/ran')`

async function scene() {
  const evil = await evilServer()
  const script = running(evil.port)
  const folder = await folderOf('Album', {
    'song.wav': wav(SECONDS),
    'page.html': `<title>innocent</title><script>${script}</script><img src=x onerror="${script}">`,
    'page.xhtml': `<html xmlns="http://www.w3.org/1999/xhtml"><script>${script}</script></html>`,
    'code.js': script,
    'drawing.svg': `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="${script}"><script>${script}</script><rect width="9" height="9"/></svg>`,
    'notes.txt': 'some notes',
  })
  const [alice, bob] = [await startNode(), await startNode({ apiTcp: true })]
  const { link } = await alice.share(folder)
  const { api, content, tokenFile } = bob.status()
  const client = (await ControlClient.connect(homePaths(dirname(tokenFile), {}))) as ControlClient
  return {
    evil,
    link,
    alice,
    bob,
    client,
    home: dirname(tokenFile),
    api: String(api),
    content: String(content),
  }
}

/** Everything that a node is asked to do from now on. */
function watch(node: ShoalNode): () => string[] {
  const methods = [
    'share',
    'shareInput',
    'serve',
    'fetch',
    'list',
    'read',
    'verify',
    'shares',
    'unshare',
    'peers',
    'doctor',
    'status',
    'stop',
  ] as const
  const spies = methods.map((name) => [name, vi.spyOn(node, name)] as const)
  onTestFinished(() => void vi.restoreAllMocks())
  return () => spies.filter(([, spy]) => spy.mock.calls.length > 0).map(([name]) => name)
}

/** What these ports answer from now on. */
function answersOf(urls: readonly string[]): { readonly what: string; readonly status: number }[] {
  const answers: { what: string; status: number }[] = []
  const ports = urls.map((url) => Number(new URL(url).port))
  const note = (message: unknown): void => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse }
    const { method = '', url = '', headers, socket } = request
    if (!ports.includes(socket.localPort ?? 0)) return
    answers.push({ what: `${method} ${url} ${JSON.stringify(headers)}`, status: response.statusCode })
  }
  subscribe('http.server.response.finish', note)
  onTestFinished(() => void unsubscribe('http.server.response.finish', note))
  return answers
}

/** What a home says and holds. */
async function stateOf(client: ControlClient, home: string): Promise<unknown> {
  const all = async <T>(events: AsyncIterable<T>): Promise<T[]> => {
    const list: T[] = []
    for await (const event of events) list.push(event)
    return list
  }
  const settings = await client.config()
  return {
    files: (await readdir(home)).toSorted(),
    shares: await all(client.shares()),
    fetches: await all(client.fetches()),
    settings,
  }
}

describe.skipIf(browserIsMissing !== undefined)(
  `in a browser${browserIsMissing === undefined ? '' : ` (${browserIsMissing})`}`,
  () => {
    test(
      'no page of others gets or does anything, and then our own is served',
      { timeout: 600_000 },
      async () => {
        const { evil, link, bob, client, home, api, content } = await scene()
        const stolen = await client.openContent({ link })
        const before = await stateOf(client, home)
        const browser = await openBrowser()
        const calls = watch(bob)
        const html = await evilPage()
        const rebound = [api, content].map((url) => `http://${EVIL_NAME}:${new URL(url).port}/`)
        for (const url of rebound) await rebind(Number(new URL(url).port), html)
        const origins = [`http://127.0.0.1:${evil.port}/`, `http://${EVIL_NAME}:${evil.port}/`, ...rebound]
        const answered = answersOf([api, content])
        for (const origin of origins) {
          const context = await openContext(browser)
          const page = await context.newPage()
          await page.goto(origin)
          const names = (base: string): string[] => [base, base.replace('127.0.0.1', EVIL_NAME)]
          const at = (path: string): [string, string][] =>
            names(api).map((base) => [`${base}${path}`, `${base}${path}`])
          const targets = Object.fromEntries([
            ...at('/v1/status'),
            ...at('/v1/operations/share'),
            ...['song.wav', 'drawing.svg', 'page.html'].map((file) => [
              `stolen ${file}`,
              `${stolen.url}${file}`,
            ]),
            [`stolen, by name`, `${names(stolen.url)[1]}song.wav`],
          ])
          const documents = [`${api}/v1/operations/share`, 'stolen page.html', 'stolen song.wav']
          const logins = names(api).map((base) => `${base}/v1/login`)
          // One that is good, as if it had been looked at over a shoulder.
          const { code } = await client.loginCode()
          const count = answered.length
          const codes = [code, 'a-guess', 'A'.repeat(43)]
          const results = await run<Record<string, string>>(
            page,
            `attack(${JSON.stringify({ targets, documents, logins, codes })})`,
          )
          expect(Object.keys(results).length).toBeGreaterThan(200)
          expect(Object.entries(results).filter(([, what]) => what !== 'refused')).toEqual([])
          console.log(`${origin}: ${answered.length - count} requests came to the node`)
          // They do come as far as the node, under each name.
          expect(answered.length - count).toBeGreaterThan(100)
          await context.close()
        }
        expect(answered.filter(({ status }) => status < 400)).toEqual([])
        expect(calls()).toEqual([])
        vi.restoreAllMocks()
        expect(evil.asked).not.toContain('/ran')
        expect(await stateOf(client, home)).toEqual(before)

        const own = await openOwn(browser, api, (await client.loginCode()).url)
        expect(await run(own, 'status_()')).toBe(200)
      },
    )

    test('what is not refused is noticed by the same attack', { timeout: 120_000 }, async () => {
      const { port } = await evilServer()
      const open = createServer((request, response) => {
        const { origin = '*', 'sec-fetch-dest': place = '' } = request.headers
        response
          .setHeader('access-control-allow-origin', origin)
          .setHeader('access-control-allow-headers', '*')
        response.setHeader('access-control-allow-credentials', 'true')
        const [type, body] = CARELESS[place] ?? ['text/event-stream', 'data: "token"\n\n']
        response.setHeader('content-type', type).end(body)
      })
      await new Promise<void>((resolve) => void open.listen(0, '127.0.0.1', resolve))
      onTestFinished(() => {
        open.closeAllConnections()
        open.close()
      })
      const url = `http://127.0.0.1:${(open.address() as AddressInfo).port}/v1/login`
      const page = await (await openContext(await openBrowser())).newPage()
      await page.goto(`http://127.0.0.1:${port}/`)
      const given = JSON.stringify({ targets: { it: url }, documents: [], logins: [url], codes: ['x'] })
      const results = await run<Record<string, string>>(page, `attack(${given})`)
      const noticed = Object.entries(results).filter(([, what]) => what !== 'refused')
      const ways = [
        'fetch',
        'fetch of a part',
        'post of plain text',
        'script',
        'module',
        'style',
        'image',
        'image with CORS',
        'video',
        'video with CORS',
        'audio',
        'events',
        'import',
      ]
      expect(noticed.map(([how]) => how)).toEqual(
        expect.arrayContaining([...ways.map((way) => `it: ${way}`), `login x as plain text at ${url}`]),
      )
    })

    test(
      'our own page logs in by a file, and plays what is still being fetched',
      { timeout: 120_000 },
      async () => {
        const { evil, link, bob, client, api, content } = await scene()
        bob.setLimits({ down: 3_000_000 })
        const browser = await openBrowser()
        const { file } = await client.loginCode({ file: true })
        const own = await openOwn(browser, api, pathToFileURL(String(file)).href)
        expect(own.url()).toBe(`${api}/`)
        await expect(readFile(String(file))).rejects.toMatchObject({ code: 'ENOENT' })
        expect(await own.context().cookies()).toEqual([])

        const { body } = await run<{ body: { url: string } }>(own, `open_(${JSON.stringify(link)})`)
        expect(new URL(body.url).origin).toBe(content)
        let isWhole = false
        const directory = await temporaryFolder()
        const fetched = bob.fetch(link, { directory, seed: true }).then((result) => {
          isWhole = true
          return result
        })
        const song = JSON.stringify(`${body.url}song.wav`)
        const played = await run<number>(
          own,
          `new Promise((resolve, reject) => {
        const video = document.createElement('video')
        video.crossOrigin = 'anonymous'
        video.addEventListener('timeupdate', () => video.currentTime > 0.2 && resolve(video.duration))
        video.addEventListener('error', () => reject(new Error(video.error.message)))
        video.src = ${song}
        window.video = video
        document.body.append(video)
        video.play().catch(reject)
      })`,
        )
        expect(played).toBe(SECONDS)
        const sought = await run<number>(
          own,
          `new Promise((resolve, reject) => {
        video.addEventListener('error', () => reject(new Error(video.error.message)))
        video.addEventListener('timeupdate', () => video.currentTime > ${SECONDS - 9} && resolve(video.currentTime))
        video.currentTime = ${SECONDS - 10}
      })`,
        )
        expect(sought).toBeGreaterThan(SECONDS - 9)
        expect(isWhole).toBe(false)
        const { path, seed } = await fetched
        await seed?.stop()
        expect((await readFile(join(path, 'song.wav'))).equals(wav(SECONDS))).toBe(true)

        const text = await run<string>(own, `fetch('${body.url}page.html').then((answer) => answer.text())`)
        expect(text).toContain('<title>innocent</title>')
        const size = await run<number>(
          own,
          `new Promise((resolve, reject) => {
        const image = new Image()
        image.onload = () => resolve(image.naturalWidth)
        image.onerror = reject
        image.crossOrigin = 'anonymous'
        image.src = '${body.url}drawing.svg'
      })`,
        )
        expect(size).toBe(9)
        expect(evil.asked).toEqual([])
      },
    )

    test('nothing that is shared runs, opened by its address', { timeout: 120_000 }, async () => {
      const { evil, link, client } = await scene()
      const { url } = await client.openContent({ link })
      const page = await (await openContext(await openBrowser())).newPage()
      for (const name of ['page.html', 'page.xhtml', 'code.js', 'notes.txt']) {
        expect((await page.goto(`${url}${name}`))?.status()).toBe(200)
        const shown = await run(
          page,
          `({ type: document.contentType, ran: window.ran ?? null, origin: self.origin })`,
        )
        expect(shown).toEqual({ type: 'text/plain', ran: null, origin: 'null' })
        expect(await page.title()).not.toBe('ran')
      }
      for (const name of ['drawing.svg', 'song.wav']) {
        const download = page.waitForEvent('download')
        await expect(page.goto(`${url}${name}`)).rejects.toThrow('Download is starting')
        expect((await download).suggestedFilename()).toBe(name)
        expect(await page.title()).not.toBe('ran')
      }
      expect(evil.asked).toEqual([])
    })
  },
)
