/** Shapes of the control API's requests, checked at the boundary. Paths are absolute: the client made them so. */
import { isAbsolute } from 'node:path'
import { z } from 'zod'
import { PRIORITIES } from './jobs/job.ts'

const absolutePath = z
  .string()
  .max(4_096)
  .refine((path) => isAbsolute(path) && !path.includes('\0'), 'must be an absolute path')

/** The latest moment that a Date knows, ECMA-262. */
const MAX_TIME_MS = 8_640_000_000_000_000

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

/** The last event of the log that a client knows; one that is none of this log is as good as none. */
export const lastEventId = z.string().max(64)

/** What is said of a share that is kept up, besides what it is. */
const keeping = { times: z.int().min(1).optional(), forMs: z.int().min(1).optional() }

/** Body of `POST /v1/shares`: what a node is to share by itself. */
export const shareJobRequest = shareRequest.extend(keeping)
export type ShareJobRequest = z.infer<typeof shareJobRequest>

/** Body of `PATCH /v1/shares/:root`. */
export const pinRequest = z.strictObject({ pinned: z.boolean() })

/** Query of `GET /v1/folders`. */
export const folderRequest = z.strictObject({ path: absolutePath.optional() })

/** A UUID of the client's making. */
export const uploadParams = z.strictObject({ id: z.uuid() })

/** Body of `PUT /v1/uploads/:id`. */
export const uploadRequest = z.strictObject({
  /** Bounded by what a name may be. */
  name: z.string(),
  kind: z.enum(['file', 'folder']),
  /** Of everything that is to come. */
  bytes: z.int().min(0).optional(),
})

/** Relative to the folder, names joined by `/`; of a single file empty. Bounded by what a path may be. */
const uploadPath = z.string()

/** Query of `GET /v1/uploads/:id/content`. */
export const offsetRequest = z.strictObject({ path: uploadPath.default('') })

/** Query of `PATCH /v1/uploads/:id/content`, whose body is the piece. */
export const pieceRequest = offsetRequest.extend({
  offset: z.coerce.number().int().min(0),
  /** In milliseconds since 1970. */
  mtime: z.coerce.number().min(0).max(MAX_TIME_MS).optional(),
})

/** Body of `POST /v1/uploads/:id/folders`. */
export const uploadFolderRequest = z.strictObject({ path: uploadPath })

/** Body of `POST /v1/uploads/:id/share`: as of `POST /v1/shares`, of what was handed in. */
export const shareUploadRequest = shareJobRequest.omit({ paths: true, skipUnreadable: true, exclude: true })
export type ShareUploadRequest = z.infer<typeof shareUploadRequest>

export const listRequest = z.strictObject({
  link: z.string().min(1).max(4_096),
  path: z.string().max(4_096).optional(),
  peers: z.array(z.string().max(512)).max(32).optional(),
  waitMs: z.int().min(0).max(2_147_483_647).optional(),
  ...limits,
})
export type ListRequest = z.infer<typeof listRequest>

/** What is looked at is named as what is listed. */
export type StatRequest = ListRequest

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

/** Query of `GET /v1/sources`. */
export const sourcesRequest = z.strictObject({ root: z.string().max(128).optional() })

export const verifyRequest = z.strictObject({
  path: absolutePath,
  link: z.string().min(1).max(4_096),
  peers: z.array(z.string().max(512)).max(32).optional(),
  waitMs: z.int().min(0).max(2_147_483_647).optional(),
  ...limits,
})
export type VerifyRequest = z.infer<typeof verifyRequest>

/** Body of `POST /v1/operations/scrub`. */
export const scrubRequest = z.strictObject({
  root: z.string().max(128).optional(),
  rate: rate.optional(),
  waitMs: z.int().min(0).max(2_147_483_647).optional(),
  peers: z.array(z.string().max(512)).max(32).optional(),
})
export type ScrubRequest = z.infer<typeof scrubRequest>

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

/** Body of `POST /v1/content`: what is to be read on the content port. */
export const contentRequest = readRequest.pick({ link: true, peers: true, waitMs: true })
export type ContentRequest = z.infer<typeof contentRequest>

/** Body of `POST /v1/login/codes`. */
export const loginCodeRequest = z.strictObject({ file: z.boolean().optional() })
export type LoginCodeRequest = z.infer<typeof loginCodeRequest>

/** Body of `POST /v1/login`. */
export const loginRequest = z.strictObject({ code: z.string().max(64) })
