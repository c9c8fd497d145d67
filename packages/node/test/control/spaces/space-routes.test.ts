/** Routes of spaces in front of what a test puts in their place: what reaches it, and what ends it. */
import { expect, test } from 'vitest'
import { ControlClient } from '../../../src/control/client.ts'
import type { SteeredSpaces } from '../../../src/control/control-target.ts'
import { SocketTransport } from '../../../src/control/socket-transport.ts'
import { MAX_SHARED_PATHS } from '../../../src/content/limits.ts'
import { MAX_ENTRIES } from '../../../src/spaces/host/limits.ts'
import { TOKEN, serve } from '../../helpers/control.ts'

const ID = 'ab'.repeat(32)
const nobodyAsks = (): never => {
  throw new Error('nobody asks')
}
const NONE: SteeredSpaces = {
  list: nobodyAsks,
  create: nobodyAsks,
  open: nobodyAsks,
  join: nobodyAsks,
  of: nobodyAsks,
}

test('what is looked up ends when its client goes away, and the next one is answered', async () => {
  const begun = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  let isFirst = true
  const { paths } = await serve({
    spaces: {
      ...NONE,
      list: async ({ signal } = {}) => {
        if (!isFirst) return []
        isFirst = false
        return await new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => {
            ended.resolve()
            reject(signal.reason as Error)
          })
          begun.resolve()
        })
      },
    },
  })
  const { spaces } = (await ControlClient.connect(paths)) as ControlClient
  const leave = new AbortController()
  const left = spaces.list({ signal: leave.signal })
  await begun.promise
  leave.abort(new Error('enough'))
  await expect(left).rejects.toThrow('enough')
  await ended.promise
  expect(await spaces.list()).toEqual([])
})

test.each([
  ['ERR_LIMIT', 'remove', { paths: Array(MAX_ENTRIES + 1).fill('a') }],
  ['ERR_LIMIT', 'add', { paths: Array(MAX_SHARED_PATHS + 1).fill('/a') }],
  ['ERR_LIMIT', 'tag', { paths: ['a'], tags: Array(101).fill('a') }],
  ['ERR_OPTIONS_INVALID', 'remove', { paths: ['x'.repeat(1_026)] }],
  ['ERR_OPTIONS_INVALID', 'remove', { paths: ['a'], more: 1 }],
  ['ERR_OPTIONS_INVALID', 'add', { paths: ['relative'] }],
  ['ERR_OPTIONS_INVALID', 'get', { paths: ['a'], directory: 'relative' }],
  ['ERR_OPTIONS_INVALID', 'tag', { paths: ['a'], tags: ['x'.repeat(101)] }],
  ['ERR_OPTIONS_INVALID', 'title', { path: 'a', text: 'x'.repeat(256) }],
  ['ERR_OPTIONS_INVALID', 'note', { path: 'a', text: 'x'.repeat(4_097) }],
  ['ERR_OPTIONS_INVALID', 'undo', { batch: 'x'.repeat(65) }],
  ['ERR_OPTIONS_INVALID', 'invitations', { role: 'founder' }],
  ['ERR_OPTIONS_INVALID', 'invitations', { uses: 10_001 }],
  ['ERR_OPTIONS_INVALID', 'requests', { request: 'x'.repeat(65) }],
  ['ERR_OPTIONS_INVALID', 'requests', {}],
])('%s: what is out of bounds does not reach a space: %s', async (code, name, body) => {
  const { paths } = await serve({ spaces: NONE })
  const api = new SocketTransport(paths.socket, TOKEN)
  await expect(api.ask('POST', `/v1/spaces/${ID}/${name}`, body)).rejects.toMatchObject({ code })
})

test.each(['search?query=', 'entries?query=', 'history?path='])(
  '%s takes no more than there may be',
  async (what) => {
    const { paths } = await serve({ spaces: NONE })
    const api = new SocketTransport(paths.socket, TOKEN)
    const code = what.includes('query') ? 'ERR_LIMIT' : 'ERR_OPTIONS_INVALID'
    const asked = api.ask('GET', `/v1/spaces/${ID}/${what}${'x'.repeat(1_026)}`)
    await expect(asked).rejects.toMatchObject({ code })
  },
)
