/** A control server without a node behind it. */
import { writeFile } from 'node:fs/promises'
import { onTestFinished } from 'vitest'
import type { ControlTarget } from '../../src/control/control-target.ts'
import { startControlServer } from '../../src/control/server.ts'
import type { FetchStateEvent, StatusEvent } from '../../src/events.ts'
import { homePaths, type HomePaths } from '../../src/store/home.ts'
import { temporaryFolder } from './files.ts'

export const TOKEN = 'a-token-of-this-test'
const STATUS: StatusEvent = {
  type: 'status',
  pid: 1,
  uptime: 61.5,
  daemon: false,
  peerId: 'me',
  network: 'private',
  listen: [],
  bootstrap: [],
  mdns: false,
  up: 0,
  down: 0,
  discovery: { connected: 0, dht: null, lan: null, sources: {} },
  addresses: [],
  api: null,
  socket: '',
  tokenFile: '',
}

const FETCH: FetchStateEvent = {
  type: 'fetch',
  id: 'f',
  root: 'r',
  name: null,
  directory: '/out',
  path: null,
  state: 'queued',
  reason: 'queued',
  since: 0,
  bytes: 0,
  total: null,
  rate: 0,
  peers: 0,
  priority: 'normal',
  error: null,
}

/** A control server of a home of its own, in front of what a test puts in the node's place. */
export async function serve(
  target: Partial<ControlTarget> = {},
  { tcp = false } = {},
): Promise<{ paths: HomePaths; api: string | null; stop: () => Promise<void> }> {
  const paths = homePaths(await temporaryFolder(), {})
  await writeFile(paths.tokenFile, `${TOKEN}\n`)
  const whole: ControlTarget = {
    status: () => STATUS,
    end: undefined,
    config: {
      read: async () => ({ settings: [], warnings: [] }),
      change: async () => ({ settings: [], warnings: [] }),
    },
    jobs: {
      list: async () => [],
      fetch: async () => FETCH,
      change: async () => FETCH,
    },
    keepShare: async () => {},
    keepInput: async () => {},
    share: async () => {},
    shareInput: async () => {},
    fetch: async () => {},
    list: async () => {},
    shares: async () => {},
    unshare: async () => [],
    peers: async () => [],
    doctor: async () => {},
    read: async () => {},
    verify: async () => {},
    ...target,
  }
  const server = await startControlServer({ socket: paths.socket, token: TOKEN, target: whole, tcp })
  onTestFinished(() => server.stop())
  return { paths, api: server.api, stop: () => server.stop() }
}
