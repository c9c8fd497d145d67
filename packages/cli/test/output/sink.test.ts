import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { Sink } from '../../src/output/sink.ts'

test('flush waits for what is still on its way', async () => {
  const written: string[] = []
  const slow = new Writable({
    write: (chunk, _encoding, done) => {
      setImmediate(() => {
        written.push(String(chunk))
        done()
      })
    },
  })
  const sink = new Sink(slow)
  sink.write('a')
  sink.write('b')
  await sink.flush()
  expect(written).toEqual(['a', 'b'])
  expect(sink.fault).toBeUndefined()
})

test('the first fault is kept and told once', async () => {
  const codes = ['EPIPE', 'EIO']
  const broken = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('no'), { code: codes.shift() })),
    autoDestroy: false,
  })
  let told = 0
  const sink = new Sink(broken, () => told++)
  sink.write('a')
  sink.write('b')
  await sink.flush()
  expect(sink.fault?.code).toBe('EPIPE')
  expect(told).toBe(1)
})
