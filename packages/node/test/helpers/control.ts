/** A control server without a node behind it. */
import { writeFile } from 'node:fs/promises'
import { onTestFinished } from 'vitest'
import type { ControlTarget } from '../../src/control/control-target.ts'
import { startControlServer } from '../../src/control/server.ts'
import type { FetchStateEvent, SourcesEvent, StatusEvent } from '../../src/events.ts'
import { homePaths, type HomePaths } from '../../src/store/home.ts'
import type { ContentStat } from '../../src/transfer/list-service.ts'
import { systemSeams } from '../../src/util/system.ts'
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
  bandwidth: { usual: { up: 0, down: 0 }, scheduled: false, until: null, metered: null, pause: null },
  loop: { delayMs: 3, shedding: false, shed: 0 },
  addresses: [],
  api: null,
  content: null,
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
  detail: null,
  since: 0,
  bytes: 0,
  total: null,
  rate: 0,
  peers: 0,
  priority: 'normal',
  error: null,
}

const STAT: ContentStat = {
  root: 'r',
  path: '',
  name: 'n',
  kind: 'file',
  bytes: 0,
  entries: 1,
  mtime: null,
  sealed: true,
}

const SOURCES: SourcesEvent = {
  type: 'sources',
  root: 'r',
  directory: '/out',
  blocks: null,
  here: 0,
  available: 0,
  single: 0,
  sources: [],
}

const nobodyAsks = (): never => {
  throw new Error('nobody asks')
}

/** A control server of a home of its own, in front of what a test puts in the node's place. */
export async function serve(
  target: Partial<ControlTarget> = {},
  { tcp = false } = {},
): Promise<{ paths: HomePaths; api: string | null; content: string | null; stop: () => Promise<void> }> {
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
      sources: async () => SOURCES,
    },
    sources: () => [],
    changes: { lastId: 'e-0', after: async function* () {} },
    receivers: async () => [],
    uploads: {
      begin: async () => ({ id: 'u', name: 'n', kind: 'file' }),
      offsetOf: async () => 0,
      append: async () => 0,
      makeFolder: async () => {},
      drop: async () => {},
    },
    shareUpload: async () => {},
    keepShare: async () => {},
    keepInput: async () => {},
    share: async () => {},
    shareInput: async () => {},
    fetch: async () => {},
    list: async () => {},
    stat: async () => STAT,
    shares: async () => {},
    unshare: async () => [],
    storage: async () => ({ quota: 0, used: 0, reserved: 0, evictable: 0, free: null }),
    setPinned: async () => [],
    scrub: async () => {},
    peers: async () => [],
    metrics: async () => '',
    doctor: async () => {},
    spaces: { list: async () => [], create: nobodyAsks, open: nobodyAsks, join: nobodyAsks, of: nobodyAsks },
    read: async () => {},
    verify: async () => {},
    ...target,
  }
  const server = await startControlServer({ ...paths, seams: systemSeams, token: TOKEN, target: whole, tcp })
  onTestFinished(() => server.stop())
  return { paths, api: server.api, content: server.content, stop: () => server.stop() }
}
