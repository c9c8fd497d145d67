import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  MAX_METERED_BYTES,
  METERED_ROUND_MS,
  METERED_TIMEOUT_MS,
} from '../../../src/control/bandwidth/limits.ts'
import { meteredQuestion, systemMetered } from '../../../src/control/bandwidth/metered.ts'
import { temporaryFolder } from '../../helpers/files.ts'

test.each<[NodeJS.Platform, string, boolean | undefined]>([
  ['linux', 'u 0\n', undefined],
  ['linux', 'u 1\n', true],
  ['linux', 'u 2\n', false],
  ['linux', 'u 3\n', true],
  ['linux', 'u 4\n', false],
  ['linux', 'u 9\n', undefined],
  ['linux', 's "1"\n', undefined],
  ['linux', '', undefined],
  ['win32', 'Unrestricted\r\n', false],
  ['win32', 'Fixed\r\n', true],
  ['win32', 'Variable\r\n', true],
  ['win32', 'Unknown\r\n', undefined],
  ['win32', '', undefined],
])('on %s %j means %s', (platform, answer, isMetered) => {
  expect(meteredQuestion(platform, {})?.read(answer)).toBe(isMetered)
})

test('where nothing can be asked, nothing is known', async () => {
  const question = meteredQuestion('darwin', {})
  expect(question).toBeUndefined()
  expect(await systemMetered(question)(new AbortController().signal)).not.toBe(true)
})

test('the program of Windows is named by its whole path', () => {
  expect(meteredQuestion('win32', { SystemRoot: '/w' })?.program).toContain(join('/w', 'System32'))
})

/** A program that does this in place of the one that is asked. */
async function asking(script: string, mode = 0o700): Promise<boolean | undefined> {
  const program = join(await temporaryFolder(), 'busctl')
  await writeFile(program, `#!/bin/sh\n${script}\n`)
  await chmod(program, mode)
  const question = meteredQuestion('linux', {})
  if (question === undefined) throw new Error('Linux can be asked')
  return systemMetered({ ...question, program })(new AbortController().signal)
}

test('the answer of a program counts, unless it fails or says too much', async () => {
  expect(await asking('echo u 1')).toBe(true)
  expect(await asking('test "$6" = Metered && echo u 2')).toBe(false)
  expect(await asking('echo u 1; exit 1')).toBeUndefined()
  expect(await asking(`echo u 1; head -c ${MAX_METERED_BYTES} /dev/zero`)).toBeUndefined()
  expect(await asking('echo u 1', 0o600)).toBeUndefined()
})

test('a program that is not there says nothing, and one that is asked in vain is ended', async () => {
  const question = meteredQuestion('linux', {})
  if (question === undefined) throw new Error('Linux can be asked')
  const program = join(await temporaryFolder(), 'nothing')
  expect(await systemMetered({ ...question, program })(new AbortController().signal)).toBeUndefined()
  const stop = new AbortController()
  const slow = { ...question, program: 'sleep', arguments: ['600'] }
  const asked = systemMetered(slow)(stop.signal)
  stop.abort()
  expect(await asked).toBeUndefined()
  expect(await systemMetered(slow, 50)(new AbortController().signal)).toBeUndefined()
  expect(METERED_TIMEOUT_MS).toBeLessThan(METERED_ROUND_MS)
})
