/** Shapes of what is told of those who give and get something. */
import { z } from 'zod'
import { count, error, found, text } from './answer-kinds.ts'
import { WAIT_REASONS } from './jobs/fetch-state.ts'
import { PRIORITIES } from './jobs/job.ts'

const root = text

const reason = z.enum(WAIT_REASONS)
const detail = z.strictObject({
  missing: count.optional(),
  peers: count.optional(),
  retryAt: z.number().optional(),
  peer: text.optional(),
  lastSeen: z.number().optional(),
  until: count.optional(),
  limit: count.optional(),
})

export const fetch = z.strictObject({
  type: z.literal('fetch'),
  id: text,
  root,
  name: text.nullable(),
  directory: text,
  path: text.nullable(),
  state: z.enum(['queued', 'running', 'waiting', 'paused', 'done', 'failed', 'cancelled']),
  reason: reason.nullable(),
  detail: detail.nullable(),
  since: z.number(),
  bytes: count,
  total: count.nullable(),
  rate: z.number().min(0),
  peers: count,
  priority: z.enum(PRIORITIES),
  error: error.nullable(),
})

export const waiting = z.strictObject({
  type: z.literal('waiting'),
  root,
  reason: reason.nullable(),
  detail: detail.nullable(),
})

export const receivers = z.strictObject({
  type: z.literal('receivers'),
  root,
  blocks: count,
  downloading: count,
  finished: count,
  active: z
    .array(
      z.strictObject({
        id: text,
        blocks: count,
        sent: count,
        rate: z.number().min(0),
        name: text.nullable(),
        direct: z.boolean(),
        since: z.number(),
      }),
    )
    .readonly(),
  otherCopies: z.strictObject({ connected: count, lastSeen: z.number().nullable() }),
})

export const sources = z.strictObject({
  type: z.literal('sources'),
  root,
  directory: text,
  blocks: count.nullable(),
  here: count,
  available: count,
  single: count,
  sources: z
    .array(
      z.strictObject({
        id: text,
        name: text.nullable(),
        foundBy: found,
        state: z.enum(['connecting', 'asking', 'giving', 'busy', 'idle']),
        has: z.number().min(0).max(1).nullable(),
        alone: count,
        bytes: count,
        rate: z.number().min(0),
        direct: z.boolean().nullable(),
        since: z.number().nullable(),
      }),
    )
    .readonly(),
})
