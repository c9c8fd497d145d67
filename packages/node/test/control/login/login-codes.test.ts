import { expect, test } from 'vitest'
import { CODE_MS, MAX_CODES, MAX_WRONG_GUESSES } from '../../../src/control/login/limits.ts'
import { LoginCodes } from '../../../src/control/login/login-codes.ts'
import { Simulation } from '../../helpers/simulation.ts'

function begin() {
  const world = new Simulation(1)
  return { world, codes: new LoginCodes(world.seams) }
}

test('a code is good once', () => {
  const { world, codes } = begin()
  const { code, expires } = codes.make()
  expect(code).toMatch(/^[\w-]{43}$/)
  expect(expires).toBe(world.seams.clock.now() + CODE_MS)
  expect(codes.redeem(code)).toBe(true)
  expect(codes.redeem(code)).toBe(false)
})

test('a code is good for a moment', async () => {
  const { world, codes } = begin()
  const [early, late] = [codes.make(), codes.make()]
  await world.pass(CODE_MS - 1)
  expect(codes.redeem(early.code)).toBe(true)
  await world.pass(1)
  expect(codes.redeem(late.code)).toBe(false)
})

test('what is no code is refused, and a code outlives a few of those', () => {
  const { codes } = begin()
  const { code } = codes.make()
  for (const wrong of ['', 'x', code.slice(1), `${code}x`, code.toLowerCase()]) {
    expect(codes.redeem(wrong)).toBe(false)
  }
  for (let guess = 6; guess < MAX_WRONG_GUESSES; guess++) codes.redeem(String(guess))
  expect(codes.redeem(code)).toBe(true)
})

test('too many guesses end a code', () => {
  const { codes } = begin()
  const { code } = codes.make()
  for (let guess = 0; guess < MAX_WRONG_GUESSES; guess++) codes.redeem(String(guess))
  expect(codes.redeem(code)).toBe(false)
  expect(codes.redeem(codes.make().code)).toBe(true)
})

test('of too many codes the oldest ends', () => {
  const { codes } = begin()
  const made = Array.from({ length: MAX_CODES + 1 }, () => codes.make())
  expect(made.map(({ code }) => codes.redeem(code))).toEqual([
    false,
    ...Array.from({ length: MAX_CODES }, () => true),
  ])
})
