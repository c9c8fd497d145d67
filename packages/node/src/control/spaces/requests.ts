/** Shapes of what is asked of spaces, checked at the boundary. What is over a limit for which there is a code of its own says so. */
import { z } from 'zod'
import { MAX_SHARED_PATHS } from '../../content/limits.ts'
import type { ErrorCode } from '../../errors.ts'
import { MAX_INVITE_USES, MAX_SPACE_NAME_BYTES } from '../../spaces/auth/limits.ts'
import { ROLES } from '../../spaces/auth/roles.ts'
import {
  MAX_NOTE_BYTES,
  MAX_SHOWN_TAGS,
  MAX_TAG_BYTES,
  MAX_TITLE_BYTES,
} from '../../spaces/catalogue/limits.ts'
import { MAX_ENTRIES } from '../../spaces/host/limits.ts'
import { MAX_PAGE, MAX_QUERY_LENGTH } from '../../spaces/storage/limits.ts'
import { fetchRequest, shareRequest } from '../schemas.ts'
import { ID_LENGTH, MAX_ENTRY_PATH_LENGTH, MAX_GIVEN_NAME_LENGTH } from './limits.ts'

const entryPath = z.string().max(MAX_ENTRY_PATH_LENGTH)
const entryPaths = atMost(z.array(entryPath), MAX_ENTRIES, 'paths')
const tags = atMost(z.array(z.string().max(MAX_TAG_BYTES)), MAX_SHOWN_TAGS, 'tags')
const searched = z
  .string()
  .refine((query) => query.length <= MAX_QUERY_LENGTH, over(`${MAX_QUERY_LENGTH} characters`))
  .meta({ maxLength: MAX_QUERY_LENGTH })
const most = z.coerce.number().int().min(1)
const id = z.string().regex(/^[0-9a-f]{64}$/)
/** Of a member, an invitation or a batch: there may be none of it, which is said by who looks. */
const ref = z.string().max(ID_LENGTH)

export const spaceParams = z.strictObject({ id })

/** Body of `POST /v1/spaces`. */
export const createSpaceRequest = z.strictObject({ name: z.string().max(MAX_SPACE_NAME_BYTES) })
/** Query of `GET /v1/spaces/find`. */
export const findSpaceRequest = z.strictObject({ ref: z.string().max(MAX_SPACE_NAME_BYTES) })

/** Query of `GET /v1/spaces/:id/entries`. */
export const entriesRequest = z.strictObject({
  query: searched.optional(),
  under: entryPath.optional(),
  limit: most.optional(),
})
/** Query of `GET /v1/spaces/:id/search` and of `GET /v1/spaces/:id/watch`. */
export const searchRequest = entriesRequest.extend({ query: searched })
/** Query of `GET /v1/spaces/:id/history`. */
export const historyRequest = z.strictObject({
  path: entryPath.optional(),
  limit: most.max(MAX_PAGE).optional(),
})

/** Body of `POST /v1/spaces/:id/add`. */
export const addRequest = z.strictObject({
  paths: atMost(z.array(shareRequest.shape.paths.element), MAX_SHARED_PATHS, 'paths'),
  at: entryPath.optional(),
  tags: tags.optional(),
})
/** Body of `POST /v1/spaces/:id/get`. */
export const getRequest = fetchRequest
  .pick({ directory: true, overwrite: true, seed: true, peers: true, waitMs: true, up: true, down: true })
  .extend({ paths: entryPaths })

/** Body of `POST /v1/spaces/:id/move`. */
export const moveRequest = z.strictObject({ from: entryPath, to: entryPath })
/** Body of `POST /v1/spaces/:id/remove` and of `POST /v1/spaces/:id/restore`. */
export const pathsRequest = z.strictObject({ paths: entryPaths })
/** Body of `POST /v1/spaces/:id/tag` and of `POST /v1/spaces/:id/untag`. */
export const tagRequest = z.strictObject({ paths: entryPaths, tags })
/** Body of `POST /v1/spaces/:id/note`. */
export const noteRequest = z.strictObject({ path: entryPath, text: z.string().max(MAX_NOTE_BYTES) })
/** Body of `POST /v1/spaces/:id/title`. */
export const titleRequest = z.strictObject({ path: entryPath, text: z.string().max(MAX_TITLE_BYTES) })
/** Body of `POST /v1/spaces/:id/undo`. */
export const undoRequest = z.strictObject({ batch: ref.optional() })

/** Body of `PATCH /v1/spaces/:id/members`. */
export const roleRequest = z.strictObject({ member: ref, role: z.enum(ROLES) })
/** Query of `DELETE /v1/spaces/:id/members`. */
export const memberRequest = z.strictObject({ member: ref })
/** Body of `POST /v1/spaces/:id/invitations`. */
export const inviteRequest = z.strictObject({
  role: z.enum(ROLES).exclude(['founder']).optional(),
  uses: z.int().min(1).max(MAX_INVITE_USES).optional(),
  forMs: z.int().min(0).optional(),
  instant: z.boolean().optional(),
})
/** Query of `DELETE /v1/spaces/:id/invitations`. */
export const invitationRequest = z.strictObject({ invitation: ref })

/** Body of `POST /v1/spaces/join`. */
export const joinRequest = fetchRequest
  .pick({ link: true, waitMs: true })
  .extend({ name: z.string().max(MAX_GIVEN_NAME_LENGTH).optional() })
/** Body of `POST /v1/spaces/:id/requests`, query of `DELETE /v1/spaces/:id/requests`. */
export const requestRequest = z.strictObject({ request: ref })

function atMost<T extends z.ZodType>(list: z.ZodArray<T>, length: number, what: string): z.ZodArray<T> {
  return list.refine((all) => all.length <= length, over(`${length} ${what}`)).meta({ maxItems: length })
}

/** What is said of a part of a request that is over a limit, and not malformed. */
function over(limit: string): { readonly error: string; readonly params: { readonly code: ErrorCode } } {
  return { error: `is over ${limit}`, params: { code: 'ERR_LIMIT' } }
}
