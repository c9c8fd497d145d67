import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { listenForStop } from '../src/stop-signals.ts'

class Exit extends Error {
  readonly status: number
  constructor(status: number) {
    super(`exit ${status}`)
    this.status = status
  }
}

class FakeProcess extends EventEmitter {
  exit(status: number): never {
    throw new Exit(status)
  }
}

test.each(['SIGINT', 'SIGTERM'])('the first %s asks to stop, the second ends at once', (name) => {
  const source = new FakeProcess()
  using stop = listenForStop(source)
  expect(stop.signal.aborted).toBe(false)
  source.emit(name)
  expect(stop.signal.aborted).toBe(true)
  expect(() => source.emit('SIGINT')).toThrow(new Exit(130))
})

test('nothing is left behind', () => {
  const source = new FakeProcess()
  listenForStop(source)[Symbol.dispose]()
  expect(source.listenerCount('SIGINT') + source.listenerCount('SIGTERM')).toBe(0)
})
