import { createServer, type Server } from 'node:http'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ShoalError, homePaths, isShoalError, type NodeOptions, type StatusEvent } from '@shoal/node/control'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { runDaemon } from '../src/daemon/run.ts'
import type { TerminalClock } from '../src/terminal-clock.ts'
import { withNode, type NodeFlags, type OwnNode } from '../src/with-node.ts'
import { fakeOutput, jsonLines } from './support.ts'

let home: string
let running: Server | undefined

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'shoal-cli-'))
})

afterEach(async () => {
  await stopServer()
  await rm(home, { recursive: true })
})

/** Time passes only by waiting for it. */
function hastyClock(): TerminalClock {
  let nowMs = 0
  return {
    monotonic: () => nowMs,
    set: (callback, delayMs) => {
      nowMs += delayMs
      return setImmediate(callback)
    },
    clear: (handle) => clearImmediate(handle as NodeJS.Immediate),
  }
}

/** Answers on the control socket of the home as a node does. */
async function serve(): Promise<void> {
  const paths = homePaths(home, {})
  const status: StatusEvent = {
    type: 'status',
    pid: 1,
    uptime: 61.5,
    daemon: false,
    peerId: 'p',
    network: 'private',
    listen: ['/ip4/127.0.0.1/tcp/0'],
    bootstrap: [],
    mdns: false,
    up: 0,
    down: 0,
    discovery: { connected: 0, dht: null, lan: null, sources: {} },
    bandwidth: { usual: { up: 0, down: 0 }, scheduled: false, until: null, metered: null, pause: null },
    loop: { delayMs: 3, shedding: false, shed: 0 },
    addresses: [],
    api: null,
    content: null,
    socket: paths.socket,
    tokenFile: paths.tokenFile,
  }
  await writeFile(paths.tokenFile, 'token\n')
  const server = createServer((_request, response) => {
    response.setHeader('connection', 'close')
    response.end(JSON.stringify(status))
  })
  await new Promise<void>((resolve) => void server.listen(paths.socket, resolve))
  running = server
}

async function stopServer(): Promise<void> {
  const server = running
  running = undefined
  if (server !== undefined) await new Promise((resolve) => void server.close(resolve))
}

function init(
  start: () => Promise<OwnNode>,
  flags: Partial<NodeFlags> = {},
  signal = new AbortController().signal,
) {
  return {
    flags: {
      home,
      network: undefined,
      listen: undefined,
      peers: undefined,
      bootstrap: undefined,
      mdns: undefined,
      apiTcp: undefined,
      up: undefined,
      down: undefined,
      ...flags,
    },
    env: {},
    clock: hastyClock(),
    signal,
    start,
  }
}

function refuseStart(): Promise<OwnNode> {
  return Promise.reject(new Error('nothing is to be started'))
}

async function startServing(): Promise<OwnNode> {
  await serve()
  return { stop: stopServer }
}

test('a node is started where none runs, and stopped at the end', async () => {
  const said = await withNode(init(startServing), async (session) => {
    expect(session).toMatchObject({ isOwn: true })
    return (await session.client.status()).peerId
  })
  expect(said).toBe('p')
  expect(running).toBeUndefined()
})

test('a started node is stopped when the work fails', async () => {
  await expect(withNode(init(startServing), () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(running).toBeUndefined()
})

test('a running node is used and left alone', async () => {
  await serve()
  await withNode(init(refuseStart), async (session) => {
    expect(session.isOwn).toBe(false)
  })
  expect(running).toBeDefined()
})

test.each([
  [{ network: 'public' }, '--network public was given, but Shoal already runs on this home with private'],
  [{ listen: ['/ip4/0.0.0.0/tcp/1'] }, '/ip4/0.0.0.0/tcp/1 was given, but'],
  [{ bootstrap: ['/p2p/a'] }, '--bootstrap /p2p/a was given, but'],
  [{ mdns: true }, '--mdns on was given, but Shoal already runs on this home with off'],
  [{ apiTcp: true }, '--api-tcp on was given, but Shoal already runs on this home with off'],
] as const)('flags that contradict a running node are wrong usage: %j', async (flags, message) => {
  await serve()
  const outcome = withNode(init(refuseStart, flags), async () => {})
  await expect(outcome).rejects.toSatisfy((error) => isShoalError(error, 'ERR_USAGE'))
  await expect(outcome).rejects.toThrow(message)
})

test('flags that agree with a running node are fine', async () => {
  await serve()
  const flags = { network: 'private', listen: ['/ip4/127.0.0.1/tcp/0'], bootstrap: [] } as const
  expect(await withNode(init(refuseStart, flags), async () => 1)).toBe(1)
})

test('a home that is held and silent is waited for, then given up', async () => {
  let tries = 0
  const start = (): Promise<OwnNode> => {
    tries++
    return Promise.reject(new ShoalError('ERR_HOME_BUSY', 'busy'))
  }
  const given = init(start)
  await expect(withNode(given, async () => {})).rejects.toThrow('busy')
  expect(given.clock.monotonic()).toBeGreaterThanOrEqual(5_000)
  expect(tries).toBeGreaterThan(10)
})

test('a home that another process is just opening is used as soon as it answers', async () => {
  let tries = 0
  const start = async (): Promise<OwnNode> => {
    if (++tries === 3) await serve()
    throw new ShoalError('ERR_HOME_BUSY', 'busy')
  }
  expect(await withNode(init(start), async (session) => session.isOwn)).toBe(false)
})

test.each([
  new ShoalError('ERR_NODE_STOPPED', 'stopped'),
  Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }),
])('when the node of another process ends (%s), a node of our own does the work', async (gone) => {
  await serve()
  const seen: unknown[] = []
  await withNode(init(startServing), async ({ isOwn }) => {
    seen.push({ isOwn })
    if (isOwn) return
    await stopServer()
    throw gone
  })
  expect(seen).toEqual([{ isOwn: false }, { isOwn: true }])
})

test('a node that answers and always ends the work is given up', async () => {
  await serve()
  const work = (): Promise<void> => Promise.reject(new ShoalError('ERR_NODE_STOPPED', 'stopped'))
  await expect(withNode(init(refuseStart), work)).rejects.toThrow('stopped')
})

test('our own node that ends is a failure, not a reason to start again', async () => {
  let starts = 0
  const start = (): Promise<OwnNode> => {
    starts++
    return startServing()
  }
  const work = (): Promise<void> => Promise.reject(new ShoalError('ERR_NODE_STOPPED', 'stopped'))
  await expect(withNode(init(start), work)).rejects.toThrow('stopped')
  expect(starts).toBe(1)
})

test('who stops while the node starts gets no work done, and no node stays behind', async () => {
  const controller = new AbortController()
  const start = async (): Promise<OwnNode> => {
    controller.abort(new Error('enough'))
    return startServing()
  }
  await expect(withNode(init(start, {}, controller.signal), async () => {})).rejects.toThrow('enough')
  expect(running).toBeUndefined()
})

test('a node in the background ends in bounded time, and says when something was cut off', async () => {
  const stop = new AbortController()
  const output = fakeOutput('plain')
  const { flags, env, clock, start } = init(
    async () => {
      await serve()
      return { stop: () => new Promise(() => {}) }
    },
    { up: 5 },
  )
  const starts: NodeOptions[] = []
  const daemon = runDaemon(flags, { env, output, clock, stop: stop.signal }, (options) => {
    starts.push(options)
    return start()
  })
  await vi.waitFor(() => expect(output.out.text).toContain('pid\t1'))
  stop.abort()
  await daemon
  expect(output.screen.text).toContain('some work did not end within 10 s and was cut off')
  expect(clock.monotonic()).toBe(10_000)
  expect(starts).toMatchObject([{ home, up: 5 }])
})

test('a node in the background that is asked to end does so, and one that ends in time says nothing of it', async () => {
  const output = fakeOutput('json')
  const { flags, env, clock } = init(startServing)
  const daemon = runDaemon(
    flags,
    { env, output, clock, stop: new AbortController().signal },
    async (options) => {
      const node = await startServing()
      setImmediate(() => options.onStopRequest?.())
      return node
    },
  )
  await daemon
  expect(jsonLines(output.out.text)).toMatchObject([{ type: 'status', pid: 1 }])
  expect(output.screen.raw).toBe('')
})

/** With which options a node is started by these flags. */
async function started(flags: Partial<NodeFlags>): Promise<NodeOptions> {
  const starts: NodeOptions[] = []
  const given = init(startServing, flags)
  const start = async (options: NodeOptions): Promise<OwnNode> => {
    starts.push(options)
    return startServing()
  }
  await withNode({ ...given, start }, async () => {})
  expect(starts).toHaveLength(1)
  return starts[0] as NodeOptions
}

async function settings(config: object): Promise<void> {
  await writeFile(join(home, 'config.json'), JSON.stringify(config))
}

test('a node is started by the settings of its home, and flags stand above them', async () => {
  const peer = '/ip4/127.0.0.1/tcp/1/p2p/p'
  const set = {
    network: 'private',
    listen: ['/ip4/127.0.0.1/tcp/1'],
    bootstrap: [peer],
    mdns: false,
    up: 5,
    down: 6,
  } as const
  await settings({ ...set, peer: [peer], colour: 'red' })
  expect(await started({})).toEqual({ home, ...set, peers: [peer] })
  const flags = { network: 'public', listen: ['b'], bootstrap: ['x/p2p/y'], mdns: true } as const
  expect(await started({ ...flags, peers: ['z/p2p/z'] })).toEqual({
    home,
    ...flags,
    peers: ['z/p2p/z'],
    up: 5,
    down: 6,
  })
  // The limits of a command are those of its work, whatever those of the node are.
  expect(await started({ up: 1, down: 0 })).toMatchObject({ up: 5, down: 6 })
})

test('settings of the home are not given: a node that runs with others is used', async () => {
  await settings({ network: 'lan', listen: ['/ip4/127.0.0.1/tcp/2'], mdns: true, up: 5 })
  await serve()
  await withNode(init(refuseStart), async (session) => expect(session.isOwn).toBe(false))
  const other = withNode(init(refuseStart, { network: 'lan' }), async () => {})
  await expect(other).rejects.toMatchObject({ code: 'ERR_USAGE' })
})

test('damaged settings are told before anything is started, and where a node runs nobody needs them', async () => {
  await writeFile(join(home, 'config.json'), '{')
  await expect(withNode(init(refuseStart), async () => {})).rejects.toMatchObject({
    code: 'ERR_HOME_INVALID',
  })
  await serve()
  await withNode(init(refuseStart), async (session) => expect(session.isOwn).toBe(false))
})

test('a node in the background takes limits from its flags, and from the settings where it has none', async () => {
  await settings({ up: 5, down: 6, mdns: true })
  const starts: NodeOptions[] = []
  const { flags, env, clock } = init(startServing, { up: 7 })
  await runDaemon(
    flags,
    { env, output: fakeOutput('quiet'), clock, stop: new AbortController().signal },
    async (options) => {
      starts.push(options)
      const node = await startServing()
      setImmediate(() => options.onStopRequest?.())
      return node
    },
  )
  expect(starts).toMatchObject([{ home, up: 7, down: 6, mdns: true }])
})
