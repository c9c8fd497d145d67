/**
 * A node in the background is killed again and again in the middle of mixed requests. What it acknowledged holds after each
 * restart, and a request that was not acknowledged is sent again and taken once. Needs `tsc -b`.
 */
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { ControlClient, homePaths, isShoalError, type FetchStateEvent } from '@shoal/node/control'
import { expect, onTestFinished, test, vi } from 'vitest'
import { seededFloats } from '../../packages/node/test/helpers/simulation.ts'
import { startNode, temporaryFolder } from '../helpers/nodes.ts'
import { own, run } from '../helpers/shoal.ts'
import { runSeed } from './points.ts'

/** SHOAL_KILLS=50 for the figures. */
const KILLS = Number(process.env['SHOAL_KILLS'] ?? 6)
/** Clients that ask at once. */
const CLIENTS = 4
/** Longest from the first request to the kill, in milliseconds. */
const MOST_RUN_MS = 600
const FILES = 12
const FILE_BYTES = 40_000
const MOST_MS = 900_000
const SEED = runSeed()
const NEVER = new AbortController().signal

type Fetch = FetchStateEvent
const ACTIVE: readonly Fetch['state'][] = ['queued', 'running', 'waiting', 'done']

/** What a request changes, as its answer said. */
type Request = (client: ControlClient, model: Model) => Promise<void>

/** What holds, as far as it was acknowledged. */
interface Model {
  readonly fetches: Map<string, Fetch>
  /** Links of what is kept up, by root. */
  readonly shares: Map<string, string>
  up: number
}

/** Whether the node went away before it answered. */
function isUnanswered(error: unknown): boolean {
  const { code } = error as { code?: string }
  return isShoalError(error, 'ERR_NODE_STOPPED') || /^(ECONN|EPIPE|ENOENT|ERR_STREAM)/.test(code ?? '')
}

test(`killed ${KILLS} times, it loses and repeats nothing (seed ${SEED})`, { timeout: MOST_MS }, async () => {
  const float = seededFloats(SEED)
  const pick = <T>(items: readonly T[]): T => items[Math.floor(float() * items.length)] as T
  const uuid = (): string => {
    const hex = Array.from({ length: 32 }, () => Math.floor(float() * 16).toString(16)).join('')
    return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5')
  }
  const work = await temporaryFolder()
  const files: string[] = []
  for (let i = 0; i < FILES; i++) {
    files.push(join(work, `file-${i}`))
    await writeFile(files.at(-1) as string, randomBytes(FILE_BYTES))
  }
  const alice = await startNode()
  const online = await Promise.all(files.slice(0, FILES / 2).map((file) => alice.share(file)))
  const gone = await startNode()
  const offline = await gone.share(files[0] as string, { name: 'nobody has it' })
  await gone.stop()
  const flags = await own()
  const home = flags[1] as string
  const model: Model = { fetches: new Map(), shares: new Map(), up: 0 }
  /** What a request is under way for: two at once would race for the last word. */
  const busy = new Set<string>()
  let requests = 0
  let unanswered = 0

  const start = async (): Promise<{ client: ControlClient; pid: number }> => {
    const started = await run('daemon', 'start', ...flags, '--json')
    const pid = Number(started.events()[0]?.['pid'])
    onTestFinished(() => kill(pid))
    const client = await ControlClient.connect(homePaths(home, {}))
    if (client === undefined) throw new Error(`it does not answer: ${started.text}${started.stderr}`)
    return { client, pid }
  }

  /** A request of some kind, and what it is about. */
  const draw = (): { about: string; request: Request } | undefined => {
    const known = [...model.fetches.keys()].filter((id) => !busy.has(id))
    const id = known.length === 0 ? undefined : pick(known)
    const kind = pick(['fetch', 'fetch', 'change', 'change', 'change', 'share', 'unshare', 'config'] as const)
    if (kind === 'fetch') {
      const key = uuid()
      const { link } = float() < 0.5 ? pick(online) : offline
      const request = {
        link,
        directory: join(work, 'in', key),
        priority: pick(['high', 'normal', 'low'] as const),
      }
      return {
        about: key,
        request: async (client, { fetches }) => {
          const fetch = await client.keepFetch(request, key)
          fetches.set(fetch.id, fetch)
        },
      }
    }
    if (kind === 'change' && id !== undefined) {
      const change = pick(['pause', 'resume', 'cancel', { priority: 'high' }, { priority: 'low' }] as const)
      return {
        about: id,
        request: async (client, { fetches }) => void fetches.set(id, await client.changeFetch(id, change)),
      }
    }
    if (kind === 'share') {
      const path = pick(files)
      const key = uuid()
      return {
        about: path,
        request: async (client, { shares }) => {
          for await (const event of client.keepShare({ paths: [path] }, key, NEVER)) {
            if (event.type === 'ready') shares.set(event.root, path)
          }
        },
      }
    }
    if (kind === 'unshare' && model.shares.size > 0) {
      const [root, path] = pick([...model.shares])
      return {
        about: path,
        request: async (client, { shares }) => {
          // One that was answered to nobody may have been done.
          await client.unshare(root).catch((error: unknown) => {
            if (!isShoalError(error, 'ERR_NOT_SHARED')) throw error
          })
          shares.delete(root)
        },
      }
    }
    if (kind !== 'config') return undefined
    const up = 1_000_000 + Math.floor(float() * 1_000_000)
    return {
      about: 'config',
      request: async (client, now) => {
        await client.configure({ up })
        now.up = up
      },
    }
  }

  /** Asks one thing after the other until the node is gone; returns what was not answered. */
  const ask = async (client: ControlClient): Promise<Request | undefined> => {
    for (;;) {
      const drawn = draw()
      if (drawn === undefined || busy.has(drawn.about)) {
        await later(1)
        continue
      }
      const { about, request } = drawn
      busy.add(about)
      requests++
      try {
        await request(client, model)
      } catch (error) {
        if (!isUnanswered(error)) throw error
        unanswered++
        return request
      } finally {
        busy.delete(about)
      }
    }
  }

  let { client, pid } = await start()
  for (let killed = 0; killed < KILLS; killed++) {
    const asking = Promise.all(Array.from({ length: CLIENTS }, () => ask(client)))
    await Promise.race([asking, later(Math.floor(float() * MOST_RUN_MS))])
    kill(pid)
    const again = await asking
    ;({ client, pid } = await start())
    for (const request of again) await request?.(client, model)
    await compare(client, model)
  }
  console.log(
    JSON.stringify({
      kills: KILLS,
      requests,
      unanswered,
      fetches: model.fetches.size,
      shares: model.shares.size,
    }),
  )
  expect(requests).toBeGreaterThan(KILLS)
  expect((await run('daemon', 'stop', ...flags)).status).toBe(0)
})

/** What the node says is what was acknowledged. */
async function compare(client: ControlClient, { fetches, shares, up }: Model): Promise<void> {
  const told = new Map<string, Fetch>()
  for await (const fetch of client.fetches()) told.set(fetch.id, fetch)
  expect([...told.keys()].toSorted()).toEqual([...fetches.keys()].toSorted())
  for (const [id, { state, priority, directory }] of fetches) {
    const now = told.get(id) as Fetch
    expect(now).toMatchObject({ priority, directory })
    expect(ACTIVE.includes(state) ? ACTIVE : [state]).toContain(now.state)
    if (state === 'done') expect(now.state).toBe('done')
    if (now.state !== 'done') continue
    expect((await readFile(now.path ?? '')).byteLength).toBe(FILE_BYTES)
    expect(basename(now.path ?? '')).toBe(now.name)
  }
  await vi.waitFor(async () => {
    const served: string[] = []
    for await (const event of client.shares({ activeOnly: true }))
      if (event.type === 'share') served.push(event.root)
    expect(served.toSorted()).toEqual([...shares.keys()].toSorted())
  })
  const { settings } = await client.config()
  expect(settings.find(({ key }) => key === 'up')?.value).toBe(up)
  expect((await client.status()).up).toBe(up)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}
