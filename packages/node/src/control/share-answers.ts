/** Shapes of what is told of shares, and of what lies in the home for them; as those of `answer-schemas.ts`. */
import { z } from 'zod'
import { count, text } from './answer-kinds.ts'

export const share = z.strictObject({
  type: z.literal('share'),
  root: text,
  link: text,
  name: text,
  bytes: count,
  sealed: z.boolean(),
  state: z.enum(['serving', 'stopped', 'stale']),
  pinned: z.boolean(),
  keptBytes: count,
})

export const gone = z.strictObject({
  type: z.literal('gone'),
  kind: z.enum(['fetch', 'share']),
  id: text,
  why: z.literal('quota').optional(),
})

export const storage = z.strictObject({
  quota: count,
  used: count,
  reserved: count,
  evictable: count,
  free: count.nullable(),
})
