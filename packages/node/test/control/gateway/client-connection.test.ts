import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { give } from '../../../src/control/gateway/client-connection.ts'
import { TAKE_TIMEOUT_MS } from '../../../src/control/gateway/limits.ts'
import { systemSeams } from '../../../src/util/system.ts'
import { begin } from '../../helpers/content.ts'

/** The response to a client that has read nothing of it yet, and the client's side. */
async function unread() {
  const opened = Promise.withResolvers<ServerResponse>()
  const server = createServer((_request, response) => {
    response.writeHead(200).flushHeaders()
    opened.resolve(response)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const client = await begin(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  client.on('error', () => {})
  onTestFinished(() => void client.destroy())
  return { response: await opened.promise, client }
}

const MUCH = Buffer.alloc(33_554_432)

test('who takes nothing for too long is hung up on', async () => {
  const { response } = await unread()
  const set: { callback: () => void; delayMs: number }[] = []
  const timers = {
    ...systemSeams.timers,
    set: (callback: () => void, delayMs: number) => set.push({ callback, delayMs }),
  }
  const given = give(response, MUCH, { ...timers, clear: () => {} })
  await vi.waitFor(() => expect(response.writableNeedDrain).toBe(true))
  const last = set.at(-1)
  expect(last?.delayMs).toBe(TAKE_TIMEOUT_MS)
  last?.callback()
  await given
  expect(response.destroyed).toBe(true)
})

test('who takes it slowly gets all of it, and no time is left running', async () => {
  const { response, client } = await unread()
  const running = new Set<object | number>()
  const timers = {
    set: (callback: () => void, delayMs: number) => {
      const handle = systemSeams.timers.set(callback, delayMs)
      running.add(handle)
      return handle
    },
    clear: (handle: object | number) => {
      systemSeams.timers.clear(handle)
      running.delete(handle)
    },
  }
  const given = give(response, MUCH, timers).then(() => response.end())
  let taken = 0
  for await (const bytes of client) taken += (bytes as Buffer).byteLength
  await given
  expect(taken).toBe(MUCH.byteLength)
  expect(running.size).toBe(0)
})
