import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { ShoalError } from '../../src/errors.ts'
import { ControlClient } from '../../src/control/client.ts'
import { serve } from '../helpers/control.ts'

async function client(): Promise<{ client: ControlClient; asked: object[] }> {
  const asked: object[] = []
  const note = async (request: object): Promise<void> => void asked.push(request)
  const { paths } = await serve({
    share: note,
    shareInput: async (request, source) => {
      for await (const bytes of source) void bytes
      asked.push(request)
    },
    fetch: note,
    list: note,
    stat: async (request) => {
      asked.push(request)
      throw new ShoalError('ERR_NO_PROVIDER', 'nobody')
    },
    verify: note,
    read: note,
  })
  return { client: (await ControlClient.connect(paths)) as ControlClient, asked }
}

const signal = new AbortController().signal
const limits = { up: 500_000, down: 0 }

async function drain(events: AsyncIterable<unknown>): Promise<void> {
  for await (const event of events) void event
}

test('limits reach what they are given for', async () => {
  const { client: control, asked } = await client()
  await drain(control.share({ paths: ['/a'], ...limits }, signal))
  await drain(control.shareInput(limits, Readable.from([Buffer.from('x')]), signal))
  await drain(control.fetch({ link: 'L', directory: '/a', ...limits }, signal))
  await drain(control.list({ link: 'L', ...limits }, signal))
  await expect(control.stat({ link: 'L', ...limits }, signal)).rejects.toMatchObject({
    code: 'ERR_NO_PROVIDER',
  })
  await drain(control.verify({ path: '/a', link: 'L', ...limits }, signal))
  await control
    .read({ link: 'L', ...limits }, signal)
    .next()
    .catch(() => {})
  expect(asked).toHaveLength(7)
  for (const request of asked) expect(request).toMatchObject(limits)
})

test.each([-1, 0.5, 1e300, '1'])('%j is no limit', async (up) => {
  const { client: control, asked } = await client()
  const wrong = expect.objectContaining({ code: 'ERR_OPTIONS_INVALID' }) as unknown
  await expect(drain(control.share({ paths: ['/a'], up: up as number }, signal))).rejects.toEqual(wrong)
  if (typeof up === 'number') {
    await expect(drain(control.shareInput({ up }, Readable.from([]), signal))).rejects.toEqual(wrong)
  }
  expect(asked).toEqual([])
})
