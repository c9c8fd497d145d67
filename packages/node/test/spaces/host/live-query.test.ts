import { expect, test } from 'vitest'
import { liveAnswers } from '../../../src/spaces/host/live-query.ts'

/** A value that is asked for, and whoever waits for its changes. */
class Watched {
  value = 0
  asked = 0
  readonly callbacks = new Set<() => void>()
  readonly end = new AbortController()

  watch(): AsyncGenerator<number> {
    return liveAnswers({
      ask: async () => {
        this.asked++
        return this.value
      },
      onChange: (callback) => {
        this.callbacks.add(callback)
        return () => this.callbacks.delete(callback)
      },
      signal: this.end.signal,
    })
  }

  change(value: number): void {
    this.value = value
    for (const callback of this.callbacks) callback()
  }
}

test('the answer is told at once, and then each that differs; whoever is slow gets the latest only', async () => {
  const number = new Watched()
  const live = number.watch()
  expect(await live.next()).toEqual({ value: 0, done: false })
  for (const value of [1, 2, 3]) number.change(value)
  expect(await live.next()).toEqual({ value: 3, done: false })
  expect(number.asked).toBe(2)
  const next = live.next()
  number.change(3)
  number.change(4)
  expect(await next).toEqual({ value: 4, done: false })
})

test('a change while it is asked is not missed', async () => {
  const asked: ((value: number) => void)[] = []
  let change = (): void => {}
  const live = liveAnswers({
    ask: () => new Promise<number>((resolve) => void asked.push(resolve)),
    onChange: (callback) => {
      change = callback
      return () => {}
    },
    signal: new AbortController().signal,
  })
  const first = live.next()
  await expect.poll(() => asked.length).toBe(1)
  change()
  asked[0]?.(1)
  expect((await first).value).toBe(1)
  const second = live.next()
  await expect.poll(() => asked.length).toBe(2)
  asked[1]?.(2)
  expect((await second).value).toBe(2)
})

test('leaving the loop, or an abort, ends it for good', async () => {
  const number = new Watched()
  for await (const value of number.watch()) {
    expect(value).toBe(0)
    break
  }
  expect(number.callbacks.size).toBe(0)
  const live = number.watch()
  await live.next()
  const waiting = live.next()
  number.end.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  expect(number.callbacks.size).toBe(0)
  expect(await live.next()).toEqual({ value: undefined, done: true })
})
