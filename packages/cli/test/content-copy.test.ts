import {
  ShoalError,
  type ContentEvent,
  type ControlClient,
  type ReadEvent,
  type ReadRequest,
} from '@shoal/node/control'
import { expect, test } from 'vitest'
import { ContentCopy } from '../src/content-copy.ts'
import { ContentReporter } from '../src/output/content-reporter.ts'
import { fakeOutput } from './support.ts'

const TEXT = 'abcdefghijklmnopqrstuvwxyz'
const never = new AbortController().signal

/** A client of a node that gives `most` bytes of TEXT, three at a time, and then ends as said. */
function client(asked: ReadRequest[], most: number, end: 'whole' | 'gone' | 'cut' = 'whole'): ControlClient {
  return {
    async *read(body: ReadRequest, signal: AbortSignal, onEvent: (event: ReadEvent) => void) {
      asked.push(body)
      const { from, to = TEXT.length - 1 } = body.range ?? { from: 0 }
      const bytes = to - from + 1
      const content: ContentEvent = { type: 'content', root: 'r', path: 'p', size: TEXT.length, from, bytes }
      onEvent(content)
      for (let at = from; at < from + Math.min(most, bytes) && !signal.aborted; at += 3) {
        yield Buffer.from(TEXT.slice(at, Math.min(at + 3, from + most, to + 1)))
      }
      if (end === 'gone') throw new ShoalError('ERR_NODE_STOPPED', 'gone')
      onEvent({ type: 'end', bytesFetched: 7 })
    },
  } as unknown as ControlClient
}

function setUp() {
  const output = fakeOutput('quiet')
  const asked: ReadRequest[] = []
  return { output, asked, copy: new ContentCopy(output.stdout, new ContentReporter(output, 'cat')) }
}

test.each([
  [undefined, TEXT, { from: 4, to: 25 }],
  [{ from: 10, to: 20 }, TEXT.slice(10, 21), { from: 14, to: 20 }],
])('the next node is asked from the byte on where the last one ended: %j', async (range, wanted, rest) => {
  const { output, asked, copy } = setUp()
  const request = { link: 'L', path: 'p', ...(range === undefined ? {} : { range }) }
  await expect(copy.run(client(asked, 4, 'gone'), request, never)).rejects.toMatchObject({
    code: 'ERR_NODE_STOPPED',
  })
  expect(copy.isComplete).toBe(false)
  await copy.run(client(asked, 100), request, never)
  expect(output.out.text).toBe(wanted)
  expect(asked).toEqual([request, { ...request, range: rest }])
  expect(copy.isComplete).toBe(true)
  expect(copy.content).toMatchObject({ from: range?.from ?? 0, bytes: wanted.length })
})

test('a node that ended after the last byte leaves nothing to ask for', async () => {
  const { output, asked, copy } = setUp()
  await expect(copy.run(client(asked, 100, 'gone'), { link: 'L' }, never)).rejects.toThrow('gone')
  await copy.run(client(asked, 100), { link: 'L' }, never)
  expect(output.out.text).toBe(TEXT)
  expect(asked).toHaveLength(1)
  expect(copy.isComplete).toBe(true)
})

test('what is stopped is not complete', async () => {
  const { output, asked, copy } = setUp()
  const stop = new AbortController()
  output.stdout.write = (data) => {
    output.out.text += String(data)
    stop.abort()
  }
  await copy.run(client(asked, 100), { link: 'L' }, stop.signal)
  expect(copy.isComplete).toBe(false)
  expect(output.out.text.length).toBeLessThan(TEXT.length)
})
