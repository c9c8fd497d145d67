import { expect, test } from 'vitest'
import { Health } from '../../../src/spaces/membership/health.ts'
import {
  CONFIRMATIONS,
  LOOP_DELAYS_MS,
  MAX_HEALTH,
  SUSPICION_LEAST_MS,
  SUSPICION_MOST_MS,
} from '../../../src/spaces/membership/limits.ts'
import { Suspicion } from '../../../src/spaces/membership/suspicion.ts'

const FRAME = new Uint8Array(1)

test('the time of a suspect shrinks with each further accuser, up to as many as count', () => {
  const suspicion = new Suspicion(1_000)
  expect(suspicion.add('a', FRAME)).toBe(true)
  expect(suspicion.isOver(1_000 + SUSPICION_MOST_MS - 1)).toBe(false)
  expect(suspicion.isOver(1_000 + SUSPICION_MOST_MS)).toBe(true)
  expect(suspicion.add('a', FRAME)).toBe(false)
  for (let more = 0; more < CONFIRMATIONS; more++) expect(suspicion.add(`more ${more}`, FRAME)).toBe(true)
  expect(suspicion.isOver(1_000 + SUSPICION_LEAST_MS - 1)).toBe(false)
  expect(suspicion.isOver(1_000 + SUSPICION_LEAST_MS)).toBe(true)
  expect(suspicion.add('too many', FRAME)).toBe(false)
  expect(suspicion.frames).toHaveLength(1 + CONFIRMATIONS)
})

test('an own accusation counts before it is signed, and is passed on once it is', () => {
  const suspicion = new Suspicion(0)
  suspicion.add('other', FRAME)
  expect(suspicion.add('self', undefined)).toBe(true)
  expect(suspicion.frames).toHaveLength(1)
  expect(suspicion.isOver(SUSPICION_LEAST_MS)).toBe(true)
  expect(suspicion.add('self', FRAME)).toBe(true)
  expect(suspicion.frames).toHaveLength(2)
})

test('health is bounded both ways, and a late event loop counts while it is late', () => {
  let delayMs = 0
  const health = new Health(() => delayMs)
  expect(health.factor).toBe(1)
  health.better()
  expect(health.factor).toBe(1)
  health.worse(100)
  expect(health.factor).toBe(1 + MAX_HEALTH)
  for (let better = 0; better < MAX_HEALTH; better++) health.better()
  expect(health.factor).toBe(1)
  delayMs = LOOP_DELAYS_MS[0]
  expect(health.factor).toBe(2)
  delayMs = LOOP_DELAYS_MS[1]
  expect(health.factor).toBe(3)
})
