/** Shapes of the control API's requests, checked at the boundary. Paths are absolute: the client made them so. */
import { isAbsolute } from 'node:path'
import { z } from 'zod'
import { PRIORITIES } from './jobs/job.ts'

const absolutePath = z
  .string()
  .max(4_096)
  .refine((path) => isAbsolute(path) && !path.includes('\0'), 'must be an absolute path')

/** Bytes per second; 0 = no limit. */
const rate = z.int().min(0)
const limits = { up: rate.optional(), down: rate.optional() }

export const shareRequest = z.strictObject({
  // Bounded by the body; the engine's own, narrower limit says how many are too many.
  paths: z.array(absolutePath).min(1),
  name: z.string().min(1).max(255).optional(),
  public: z.boolean().optional(),
  preserve: z.boolean().optional(),
  skipUnreadable: z.boolean().optional(),
  fresh: z.boolean().optional(),
  times: z.int().min(1).optional(),
  // Bounded by the body; the engine's own, narrower limits say which pattern is over them.
  exclude: z.array(z.string()).optional(),
  ...limits,
})
export type ShareRequest = z.infer<typeof shareRequest>

export const fetchRequest = z.strictObject({
  link: z.string().min(1).max(4_096),
  directory: absolutePath,
  only: z.array(z.string()).optional(),
  overwrite: z.boolean().optional(),
  seed: z.boolean().optional(),
  /** Tell of each file when it is whole. */
  files: z.boolean().optional(),
  peers: z.array(z.string().max(512)).max(32).optional(),
  waitMs: z.int().min(0).max(2_147_483_647).optional(),
  ...limits,
})
export type FetchRequest = z.infer<typeof fetchRequest>

/** Which goes first where not all can go at once. */
const priority = z.enum(PRIORITIES)

/** Body of `POST /v1/fetches`: what a node is to fetch by itself. */
export const fetchJobRequest = fetchRequest
  .omit({ files: true, waitMs: true })
  .extend({ priority: priority.optional() })
export type FetchJobRequest = z.infer<typeof fetchJobRequest>

/** Body of `PATCH /v1/fetches/:id`. */
export const priorityRequest = z.strictObject({ priority })
export type PriorityRequest = z.infer<typeof priorityRequest>

/** A key by which a request that is sent twice is taken once: a UUID of the client's making. */
export const idempotencyKey = z.uuid()

/** What is said of a share that is kept up, besides what it is. */
const keeping = { times: z.int().min(1).optional(), forMs: z.int().min(1).optional() }

/** Body of `POST /v1/shares`: what a node is to share by itself. */
export const shareJobRequest = shareRequest.extend(keeping)
export type ShareJobRequest = z.infer<typeof shareJobRequest>

export const listRequest = z.strictObject({
  link: z.string().min(1).max(4_096),
  path: z.string().max(4_096).optional(),
  peers: z.array(z.string().max(512)).max(32).optional(),
  waitMs: z.int().min(0).max(2_147_483_647).optional(),
  ...limits,
})
export type ListRequest = z.infer<typeof listRequest>

const rateText = z
  .string()
  .regex(/^\d{1,16}$/)
  .transform(Number)
  .pipe(rate)

/** Query of `POST /v1/operations/share-input`, whose body is the content. */
export const shareInputRequest = z.strictObject({
  name: z.string().min(1).max(255).optional(),
  public: z.stringbool().optional(),
  preserve: z.stringbool().optional(),
  fresh: z.stringbool().optional(),
  times: z.coerce.number().int().min(1).optional(),
  up: rateText.optional(),
  down: rateText.optional(),
})
export type ShareInputRequest = z.infer<typeof shareInputRequest>

/** Query of `POST /v1/shares/input`. */
export const shareInputJobRequest = shareInputRequest.extend({
  forMs: z.coerce.number().int().min(1).optional(),
})
export type ShareInputJobRequest = z.infer<typeof shareInputJobRequest>

/** Query of `GET /v1/shares`. */
export const sharesRequest = z.strictObject({ activeOnly: z.stringbool().optional() })
export type SharesRequest = z.infer<typeof sharesRequest>

export const verifyRequest = z.strictObject({
  path: absolutePath,
  link: z.string().min(1).max(4_096),
  peers: z.array(z.string().max(512)).max(32).optional(),
  waitMs: z.int().min(0).max(2_147_483_647).optional(),
  ...limits,
})
export type VerifyRequest = z.infer<typeof verifyRequest>

const position = z.int().min(0)

export const readRequest = z.strictObject({
  link: z.string().min(1).max(4_096),
  path: z.string().max(4_096).optional(),
  range: z.strictObject({ from: position, to: position.optional() }).optional(),
  peers: z.array(z.string().max(512)).max(32).optional(),
  waitMs: z.int().min(0).max(2_147_483_647).optional(),
  ...limits,
})
export type ReadRequest = z.infer<typeof readRequest>
