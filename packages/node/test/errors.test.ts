import { expect, test } from 'vitest'
import { ERRORS, ShoalError, diskError, isShoalError, systemCode } from '../src/errors.ts'

test.each([
  ['ENOSPC', 'ERR_DISK_FULL'],
  ['EDQUOT', 'ERR_DISK_FULL'],
  ['EACCES', 'ERR_PERMISSION'],
  ['EROFS', 'ERR_PERMISSION'],
  ['EIO', 'ERR_DISK'],
])('a disk that answers %s becomes %s and says what was being done', (system, code) => {
  const cause = Object.assign(new Error('low level'), { code: system })
  const error = diskError(cause, 'writing to out')
  expect(error).toMatchObject({ code, cause })
  expect((error as Error).message).toContain('writing to out')
})

test('an error that is none of the disk stays what it is', () => {
  const other = new TypeError('a bug')
  expect(diskError(other, 'writing')).toBe(other)
  expect(systemCode(Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' }))).toBeUndefined()
})

test('an error survives a process boundary as JSON, and an unknown code becomes an internal one', () => {
  const error = new ShoalError('ERR_WRONG_KEY', 'the key does not fit')
  const again = ShoalError.fromJSON(JSON.parse(JSON.stringify(error)) as object)
  expect(isShoalError(again, 'ERR_WRONG_KEY')).toBe(true)
  expect([again.message, again.hint]).toEqual([error.message, ERRORS.ERR_WRONG_KEY.hint])
  expect(ShoalError.fromJSON({ code: 'toString', message: 1 }).code).toBe('ERR_INTERNAL')
})
