/**
 * Shapes of what the control API answers with, for its document and for tests: the node itself trusts its own answers. A
 * test holds them to `events.ts`, where the fields are described.
 */
import { z } from 'zod'
import { NETWORK_PRESETS } from '../options.ts'
import { count, error, found, text, texts } from './answer-kinds.ts'
import { FINDING_IDS } from './doctor/finding.ts'
import type { AnswerName } from './route.ts'
import { gone, share, storage } from './share-answers.ts'
import {
  SPACE_ANSWERS,
  added,
  got,
  joined,
  joining,
  listed,
  matches,
  requests,
  touched,
} from './space-answers.ts'
import { fetch, receivers, sources, waiting } from './transfer-answers.ts'

const root = text

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
  bandwidth: z.strictObject({
    usual: z.strictObject({ up: count, down: count }),
    scheduled: z.boolean(),
    until: count.nullable(),
    metered: z.boolean().nullable(),
    pause: z.enum(['schedule', 'metered']).nullable(),
  }),
  addresses: texts,
  discovery: z.strictObject({
    connected: count,
    dht: z.strictObject({ mode: z.enum(['client', 'server']), known: count, waiting: count }).nullable(),
    lan: count.nullable(),
    sources: z.partialRecord(found, tally),
  }),
  loop: z.strictObject({ delayMs: count, shedding: z.boolean(), shed: count }),
  api: text.nullable(),
  content: text.nullable(),
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

const config = z.strictObject({
  type: z.literal('config'),
  key: text,
  value: z.union([text, z.number(), z.boolean(), texts]),
  default: z.boolean(),
  restart: z.boolean().optional(),
})
const warning = z.strictObject({ type: z.literal('warning'), code: text, message: text })

const served = z.strictObject({ type: z.literal('served'), root, bytes: count, peers: count })

/** What the log tells. */
export const LOGGED_SCHEMAS = [
  fetch,
  share,
  gone,
  served,
  receivers,
  touched,
  requests,
  config,
  status,
  warning,
] as const

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
  served,
  receivers,
  sources,
  waiting,
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
  scrub: z.strictObject({ type: z.literal('scrub'), root, name: text, bytes: count, total: count }),
  damaged: z.strictObject({
    type: z.literal('damaged'),
    root,
    path: text,
    blocks: count,
    repaired: count,
  }),
  scrubbed: z.strictObject({
    type: z.literal('scrubbed'),
    shares: count,
    bytes: count,
    damaged: count,
    repaired: count,
  }),
  stat: z.strictObject({
    type: z.literal('stat'),
    root: text,
    path: text,
    name: text,
    kind: z.enum(['file', 'folder']),
    bytes: count,
    entries: count,
    mtime: z.number().nullable(),
    sealed: z.boolean(),
  }),
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
  listed,
  matches,
  added,
  got,
  joining,
  joined,
  touched,
  requests,
  gone,
  change: z.strictObject({
    type: z.literal('change'),
    id: text,
    event: z.discriminatedUnion('type', LOGGED_SCHEMAS),
  }),
  gap: z.strictObject({ type: z.literal('gap'), id: text }),
  error: error.extend({ type: z.literal('error') }),
} as const

/** Every answer that is one object, by the name that its route gives it. */
export const ANSWER_SCHEMAS = {
  status,
  fetch,
  /** Who gives a fetch what it brings; of one that does not run nobody. */
  sources,
  /** Who is connected, as the node's `peers` orders them. */
  peers: z.array(peer).readonly(),
  /** Settings, all or those that were changed, and what there is to say of the file that keeps them. */
  config: z.strictObject({ settings: z.array(config).readonly(), warnings: z.array(warning).readonly() }),
  /** What is in a folder of the computer. */
  folder: z.strictObject({
    path: text,
    parent: text.nullable(),
    entries: z
      .array(
        z.strictObject({
          name: text,
          kind: z.enum(['file', 'folder']),
          bytes: count,
          mtime: z.number(),
          hidden: z.boolean(),
        }),
      )
      .readonly(),
    more: z.boolean(),
  }),
  /** What is handed in piece by piece. */
  upload: z.strictObject({ id: text, name: text, kind: z.enum(['file', 'folder']) }),
  /** How many bytes of a file of an upload are there. */
  offset: z.strictObject({ offset: count }),
  /** The folder that was made. */
  made: z.strictObject({ path: text }),
  /** The upload that was removed. */
  dropped: z.strictObject({ id: text }),
  /** The shares that were removed. */
  removed: z.array(share.omit({ type: true })).readonly(),
  /** The shares of which it was said whether they are pinned. */
  pinned: z.array(share.omit({ type: true })).readonly(),
  /** How much of the disk is used, and may be. */
  storage,
  /** Whether there was such an operation. */
  stopped: z.strictObject({ stopped: z.boolean() }),
  /** Where files of a share are to be had for a while. */
  address: z.strictObject({ id: text, url: text, expires: count }),
  /** Whether there was such an address. */
  revoked: z.strictObject({ revoked: z.boolean() }),
  /** By which a page logs in, once; `url` is the page with it, `file` one that leads there. */
  code: z.strictObject({ code: text, url: text, expires: count, file: text.nullable() }),
  /** What the page that logged in shows from then on. */
  token: z.strictObject({ token: text }),
  stopping: z.strictObject({ stopping: z.literal(true) }),
  ...SPACE_ANSWERS,
  /** An answer that is nothing but an error. */
  error,
} as const satisfies Record<AnswerName | 'error', z.ZodType>
