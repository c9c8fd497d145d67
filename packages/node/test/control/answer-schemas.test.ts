/** The schemas of answers are those of the types: of each other, and of what the node says. */
import { expect, expectTypeOf, test } from 'vitest'
import type { z } from 'zod'
import { EVENT_SCHEMAS } from '../../src/control/answer-schemas.ts'
import type { SPACE_ANSWERS } from '../../src/control/space-answers.ts'
import { ROUTES } from '../../src/control/routes.ts'
import type { ShoalEvent } from '../../src/events.ts'
import type { SpaceHandle } from '../../src/shoal-spaces.ts'
import type {
  SpaceChange,
  SpaceCheck,
  SpaceEvent,
  SpaceInvitation,
  SpaceInviteLink,
  SpaceMatches,
  SpaceMember,
  SpaceRefusal,
  SpaceRequest,
  SpaceSummary,
} from '../../src/spaces/host/answers.ts'

type Schemas = { [T in ShoalEvent['type']]: Extract<ShoalEvent, { type: T }> }
type Parsed = { [T in keyof typeof EVENT_SCHEMAS]: z.infer<(typeof EVENT_SCHEMAS)[T]> }

test('every event has a schema, and it is that of its type', () => {
  expectTypeOf<Parsed>().toExtend<Schemas>()
  expectTypeOf<Schemas>().toExtend<Parsed>()
  for (const [type, schema] of Object.entries(EVENT_SCHEMAS)) {
    expect(schema.shape.type.safeParse(type).success, type).toBe(true)
    expect(schema.safeParse({ type }).success, type).toBe(false)
  }
})

test('every event that a route may tell has a schema', () => {
  const told = ROUTES.flatMap((route) => (route.answer === 'events' ? route.tells : []))
  expect(told.length).toBeGreaterThan(10)
  for (const type of told) expect(Object.keys(EVENT_SCHEMAS)).toContain(type)
})

test('every answer of spaces is what the library gives', () => {
  type Answers = { [Name in keyof typeof SPACE_ANSWERS]: z.infer<(typeof SPACE_ANSWERS)[Name]> }
  interface Given {
    spaces: SpaceSummary[]
    space: Pick<SpaceHandle, 'id' | 'name'>
    found: SpaceMatches
    history: SpaceEvent[]
    members: SpaceMember[]
    invitations: SpaceInvitation[]
    invited: SpaceInviteLink
    requests: readonly SpaceRequest[]
    refusal: SpaceRefusal
    written: SpaceChange
    checked: SpaceCheck
    nothing: Record<string, never>
  }
  expectTypeOf<Given>().toExtend<Answers>()
  expectTypeOf<Answers>().toExtend<Given>()
})
