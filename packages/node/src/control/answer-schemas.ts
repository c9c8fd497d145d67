/**
 * Shapes of what the control API answers with, for its document and for tests: the node itself trusts its own answers. A
 * test holds them to `events.ts`, where the fields are described.
 */
import { z } from 'zod'
import { ERRORS, type ErrorCode } from '../errors.ts'
import { NETWORK_PRESETS } from '../options.ts'
import { PRIORITIES } from './jobs/job.ts'
import { FINDING_IDS } from './doctor/finding.ts'
import type { AnswerName } from './route.ts'

const count = z.int().min(0)
const text = z.string()
const texts = z.array(text).readonly()
const root = text
const found = z.enum(['link', 'peer', 'seen', 'lan', 'dht', 'exchange', 'self'])

const tally = z.strictObject({
  asked: count,
  heard: count,
  opened: count,
  declined: count,
  failed: count,
})

const status = z.strictObject({
  type: z.literal('status'),
  pid: count,
  uptime: z.number().min(0),
  daemon: z.boolean(),
  peerId: text,
  network: z.enum(NETWORK_PRESETS),
  listen: texts,
  bootstrap: texts,
  mdns: z.boolean(),
  up: count,
  down: count,
  addresses: texts,
  discovery: z.strictObject({
    connected: count,
    dht: z.strictObject({ mode: z.enum(['client', 'server']), known: count, waiting: count }).nullable(),
    lan: count.nullable(),
    sources: z.partialRecord(found, tally),
  }),
  api: text.nullable(),
  socket: text,
  tokenFile: text,
})

const peer = z.strictObject({
  type: z.literal('peer'),
  id: text,
  name: text.nullable(),
  direct: z.boolean(),
  address: text,
  inbound: z.boolean(),
  seconds: z.number().min(0),
  shoal: z.boolean().nullable(),
})

const share = z.strictObject({
  type: z.literal('share'),
  root,
  link: text,
  name: text,
  bytes: count,
  sealed: z.boolean(),
  state: z.enum(['serving', 'stopped', 'stale']),
})

const config = z.strictObject({
  type: z.literal('config'),
  key: text,
  value: z.union([text, z.number(), z.boolean(), texts]),
  default: z.boolean(),
  restart: z.boolean().optional(),
})
const warning = z.strictObject({ type: z.literal('warning'), code: text, message: text })

const codes = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]
const error = z.strictObject({ code: z.enum(codes), message: text, hint: text })

const fetch = z.strictObject({
  type: z.literal('fetch'),
  id: text,
  root,
  name: text.nullable(),
  directory: text,
  path: text.nullable(),
  state: z.enum(['queued', 'running', 'waiting', 'paused', 'done', 'failed', 'cancelled']),
  reason: z
    .enum(['queued', 'searching', 'no-source', 'incomplete', 'offline', 'disk-full', 'folder-gone', 'paused'])
    .nullable(),
  since: z.number(),
  bytes: count,
  total: count.nullable(),
  rate: z.number().min(0),
  peers: count,
  priority: z.enum(PRIORITIES),
  error: error.nullable(),
})

/** Every event, by its type. */
export const EVENT_SCHEMAS = {
  hashing: z.strictObject({ type: z.literal('hashing'), bytes: count, total: count }),
  ready: z.strictObject({
    type: z.literal('ready'),
    link: text,
    root,
    name: text,
    kind: z.enum(['file', 'folder']),
    bytes: count,
    files: count,
    sealed: z.boolean(),
    addresses: texts,
  }),
  served: z.strictObject({ type: z.literal('served'), root, bytes: count, peers: count }),
  receivers: z.strictObject({
    type: z.literal('receivers'),
    root,
    blocks: count,
    downloading: count,
    finished: count,
    active: z
      .array(z.strictObject({ id: text, blocks: count, sent: count, rate: z.number().min(0) }))
      .readonly(),
  }),
  asking: z.strictObject({
    type: z.literal('asking'),
    root,
    sources: z.array(found).readonly(),
    lastSeen: text.nullable(),
  }),
  plan: z.strictObject({
    type: z.literal('plan'),
    root,
    name: text,
    bytes: count,
    files: count,
    source: found,
    connectedSeconds: z.number().min(0),
  }),
  progress: z.strictObject({
    type: z.literal('progress'),
    root,
    bytes: count,
    total: count,
    rate: z.number().min(0),
    peers: count,
  }),
  file: z.strictObject({ type: z.literal('file'), path: text, bytes: count }),
  files: z.strictObject({
    type: z.literal('files'),
    root,
    done: count,
    total: count,
    waiting: count,
    active: z.array(z.strictObject({ path: text, bytes: count, total: count })).readonly(),
  }),
  done: z.strictObject({
    type: z.literal('done'),
    root,
    path: text,
    bytes: count,
    seconds: z.number().min(0),
    transferSeconds: z.number().min(0),
    bytesFetched: count,
    bytesReused: count,
  }),
  content: z.strictObject({
    type: z.literal('content'),
    root,
    path: text,
    size: count,
    from: count,
    bytes: count,
  }),
  end: z.strictObject({ type: z.literal('end'), bytesFetched: count }),
  bad: z.strictObject({ type: z.literal('bad'), path: text }),
  entry: z.strictObject({
    type: z.literal('entry'),
    path: text,
    bytes: count,
    kind: z.enum(['file', 'folder']),
    mtime: z.number().nullable(),
  }),
  share,
  warning,
  status,
  peer,
  finding: z.strictObject({
    type: z.literal('finding'),
    id: z.enum(FINDING_IDS),
    severity: z.enum(['ok', 'warning', 'problem']),
    effect: text,
    remedy: text.nullable(),
    data: z.record(text, z.union([z.number(), text, z.boolean(), z.null(), texts])).readonly(),
  }),
  id: z.strictObject({ type: z.literal('id'), peerId: text, home: text }),
  config,
  fetch,
  error: error.extend({ type: z.literal('error') }),
} as const

/** Every answer that is one object, by the name that its route gives it. */
export const ANSWER_SCHEMAS = {
  status,
  fetch,
  /** Who is connected, as the node's `peers` orders them. */
  peers: z.array(peer).readonly(),
  /** Settings, all or those that were changed, and what there is to say of the file that keeps them. */
  config: z.strictObject({ settings: z.array(config).readonly(), warnings: z.array(warning).readonly() }),
  /** The shares that were removed. */
  removed: z.array(share.omit({ type: true })).readonly(),
  /** Whether there was such an operation. */
  stopped: z.strictObject({ stopped: z.boolean() }),
  stopping: z.strictObject({ stopping: z.literal(true) }),
  /** An answer that is nothing but an error. */
  error,
} as const satisfies Record<AnswerName | 'error', z.ZodType>
