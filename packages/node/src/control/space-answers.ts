/** Shapes of what is told of spaces; as those of `answer-schemas.ts`. */
import { z } from 'zod'
import { ROLES } from '../spaces/auth/roles.ts'
import { count, error, text, texts } from './answer-kinds.ts'

const role = z.enum(ROLES)
const given = role.exclude(['founder'])

const entry = z.strictObject({
  path: text,
  bytes: count,
  type: text,
  modifiedMs: count,
  title: text,
  note: text,
  tags: texts,
  author: text,
  root: text,
  here: z.boolean(),
})

export const listed = z.strictObject({ type: z.literal('listed'), entry })
export const matches = z.strictObject({
  type: z.literal('matches'),
  entries: z.array(entry).readonly(),
  total: count,
  isCut: z.boolean(),
})
export const added = z.strictObject({ type: z.literal('added'), batches: texts, entries: count })
export const got = z.strictObject({ type: z.literal('got'), path: text, file: text, bytes: count })
export const touched = z.strictObject({ type: z.literal('touched'), space: text, number: count })

export const joining = z.strictObject({
  type: z.literal('joining'),
  state: z.enum(['searching', 'asking', 'comparing']),
  name: text,
  code: text.nullable(),
})
export const joined = z.strictObject({ type: z.literal('joined'), id: text, name: text, isNew: z.boolean() })

const waiting = z
  .array(z.strictObject({ id: text, name: text, role: given, code: text, askedMs: count, invite: text }))
  .readonly()
export const requests = z.strictObject({ type: z.literal('requests'), space: text, requests: waiting })

/** Answers that are one object. */
export const SPACE_ANSWERS = {
  /** The spaces of a home, those too that cannot be used. */
  spaces: z.array(
    z.strictObject({
      id: text,
      name: text,
      role: role.nullable(),
      members: count,
      entries: count,
      bytes: count,
      fault: error.nullable(),
      unwritten: error.nullable(),
    }),
  ),
  /** A space that was founded or found. */
  space: z.strictObject({ id: text, name: text }),
  /** What a search found. */
  found: matches.omit({ type: true }),
  /** What was done in a space, the last first. */
  history: z.array(
    z.strictObject({
      batch: text,
      author: text,
      kind: z.enum(['put', 'edit', 'restore', 'delete', 'move', 'tag', 'untag', 'note', 'title', 'unknown']),
      path: text,
      text: text.nullable(),
      counts: z.boolean(),
    }),
  ),
  /** Devices that are in a space. */
  members: z.array(z.strictObject({ id: text, role, isSelf: z.boolean() })),
  /** Invitations that still let somebody in. */
  invitations: z.array(
    z.strictObject({ id: text, role: given, instant: z.boolean(), usesLeft: count, expiresMs: count }),
  ),
  /** An invitation that was made. Its link is a secret. */
  invited: z.strictObject({ id: text, link: text }),
  /** Devices that wait to be let in. */
  requests: waiting,
  /** What is known of an invitation after a device that asked by it was refused. */
  refusal: z.strictObject({ refused: count, isSuspect: z.boolean() }),
  /** What was written into a space. */
  written: added.omit({ type: true }),
  /** What a look at a space's databases found. */
  checked: z.strictObject({ isSound: z.boolean(), batches: count }),
  /** It is done, and there is nothing to say. */
  nothing: z.strictObject({}),
} as const
