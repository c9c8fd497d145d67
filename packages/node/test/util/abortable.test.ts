import { expect, test } from 'vitest'
import { abortable } from '../../src/util/abortable.ts'

test('work is waited for until it is done or has failed', async () => {
  const { signal } = new AbortController()
  expect(await abortable(Promise.resolve(1), undefined)).toBe(1)
  expect(await abortable(Promise.resolve(2), signal)).toBe(2)
  await expect(abortable(Promise.reject(new Error('no')), signal)).rejects.toThrow('no')
})

test('it is waited for no longer than the signal lets, and what becomes of it then harms nobody', async () => {
  const end = new AbortController()
  const work = Promise.withResolvers<void>()
  const waiting = abortable(work.promise, end.signal)
  end.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  work.reject(new Error('late'))
  await expect(work.promise).rejects.toThrow('late')
  await expect(abortable(Promise.resolve(), end.signal)).rejects.toThrow('enough')
})
