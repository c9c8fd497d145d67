/** The schemas of answers are those of the types: of each other, and of what the node says. */
import { expect, expectTypeOf, test } from 'vitest'
import type { z } from 'zod'
import { EVENT_SCHEMAS } from '../../src/control/answer-schemas.ts'
import { ROUTES } from '../../src/control/routes.ts'
import type { ShoalEvent } from '../../src/events.ts'

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
