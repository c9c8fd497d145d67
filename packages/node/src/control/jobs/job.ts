/** What a node goes on with by itself, over restarts: fetches, and shares that are kept up. */
import { z } from 'zod'
import { ERRORS, type ErrorCode, type ShoalErrorJson } from '../../errors.ts'
import { PRIORITIES, type Priority } from '../../util/priority.ts'

export { PRIORITIES, type Priority }

const rate = z.int().min(0)
const codes = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]
const error: z.ZodType<ShoalErrorJson> = z.object({
  code: z.enum(codes),
  message: z.string(),
  hint: z.string(),
})

const common = {
  id: z.string(),
  /** By which a client knows whether its request was taken before. */
  key: z.string().optional(),
  /** CID of the whole content, as text. */
  root: z.string(),
  up: rate.optional(),
  down: rate.optional(),
  /** Milliseconds since 1970. */
  createdMs: z.number(),
}

const fetchJob = z.object({
  kind: z.literal('fetch'),
  ...common,
  /** With its key. */
  link: z.string(),
  directory: z.string(),
  only: z.array(z.string()).optional(),
  overwrite: z.boolean().optional(),
  seed: z.boolean().optional(),
  peers: z.array(z.string()).optional(),
  priority: z.enum(PRIORITIES),
  /** `active`: to be done, whether it runs or waits. The others stay as they are until somebody says otherwise. */
  state: z.enum(['active', 'paused', 'done', 'failed', 'cancelled']),
  name: z.string().nullable(),
  bytes: z.number(),
  total: z.number().nullable(),
  /** Absolute path of the result. */
  path: z.string().nullable(),
  error: error.nullable(),
  endedMs: z.number().nullable(),
})

const shareJob = z.object({
  kind: z.literal('share'),
  ...common,
  times: z.number().optional(),
  /** When it is to end, in milliseconds since 1970. */
  untilMs: z.number().optional(),
})

export const jobSchema = z.discriminatedUnion('kind', [fetchJob, shareJob])

export type FetchJob = Readonly<z.infer<typeof fetchJob>>
export type ShareJob = Readonly<z.infer<typeof shareJob>>
export type Job = FetchJob | ShareJob
