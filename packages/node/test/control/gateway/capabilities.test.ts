import { expect, test } from 'vitest'
import { Capabilities, type MadeCapability } from '../../../src/control/gateway/capabilities.ts'
import {
  CAPABILITY_IDLE_MS,
  CAPABILITY_MOST_MS,
  MAX_CAPABILITIES,
} from '../../../src/control/gateway/limits.ts'
import { Simulation } from '../../helpers/simulation.ts'

function begin() {
  const world = new Simulation(1)
  return { world, capabilities: new Capabilities<string>(world.seams) }
}

test('an address is good for what it was made for, and tells nothing of it', () => {
  const { world, capabilities } = begin()
  const [one, two] = [capabilities.make('one'), capabilities.make('two')]
  expect(one.secret).toMatch(/^[\w-]{43}$/)
  expect(one.expires).toBe(world.seams.clock.now() + CAPABILITY_IDLE_MS)
  expect(one.id).not.toContain(one.secret)
  expect(capabilities.find(one.secret)?.subject).toBe('one')
  expect(capabilities.find(two.secret)?.subject).toBe('two')
  for (const wrong of ['', 'x', one.id, `${one.secret}A`, one.secret.slice(0, -1)]) {
    expect(capabilities.find(wrong)).toBeUndefined()
  }
})

test('it ends some time after it was used last', async () => {
  const { world, capabilities } = begin()
  const { secret } = capabilities.make('one')
  const idle = capabilities.make('idle')
  await world.pass(CAPABILITY_IDLE_MS - 1)
  const found = capabilities.find(secret)
  expect(found).toBeDefined()
  await world.pass(CAPABILITY_IDLE_MS - 1)
  expect(found !== undefined && capabilities.use(found)).toBe(true)
  expect(capabilities.find(idle.secret)).toBeUndefined()
  await world.pass(CAPABILITY_IDLE_MS)
  expect(capabilities.find(secret)).toBeUndefined()
  expect(found !== undefined && capabilities.use(found)).toBe(false)
  expect(found?.revoked.aborted).toBe(true)
})

test('it ends however often it is used', () => {
  let nowMs = 0
  const clock = { now: () => nowMs, monotonic: () => nowMs }
  const capabilities = new Capabilities<string>({ clock, random: new Simulation(1).seams.random })
  const { secret } = capabilities.make('one')
  const stepMs = CAPABILITY_IDLE_MS / 2
  while (nowMs + stepMs < CAPABILITY_MOST_MS) {
    nowMs += stepMs
    expect(capabilities.find(secret)).toBeDefined()
  }
  nowMs += stepMs
  expect(capabilities.find(secret)).toBeUndefined()
})

test('it can be taken back, once', () => {
  const { capabilities } = begin()
  const [one, two] = [capabilities.make('one'), capabilities.make('two')]
  const found = capabilities.find(one.secret)
  expect(capabilities.revoke(one.secret)).toBe(false)
  expect(capabilities.revoke(one.id)).toBe(true)
  expect(capabilities.revoke(one.id)).toBe(false)
  expect(found?.revoked.aborted).toBe(true)
  expect(capabilities.find(one.secret)).toBeUndefined()
  expect(capabilities.find(two.secret)).toBeDefined()
  capabilities.revokeAll()
  expect(capabilities.find(two.secret)).toBeUndefined()
})

test('of too many, the one that was not used for longest ends', () => {
  const { capabilities } = begin()
  const made = Array.from({ length: MAX_CAPABILITIES }, (_, index) => capabilities.make(String(index)))
  const [first, second] = made as [MadeCapability, MadeCapability, ...MadeCapability[]]
  capabilities.find(first.secret)
  capabilities.make('one more')
  expect(capabilities.find(first.secret)).toBeDefined()
  expect(capabilities.find(second.secret)).toBeUndefined()
  expect(made.filter(({ secret }) => capabilities.find(secret) !== undefined)).toHaveLength(
    MAX_CAPABILITIES - 1,
  )
})
