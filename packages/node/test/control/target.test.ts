/** How a share that a client asked for ends, as its client is told. */
import { describe, expect, test } from 'vitest'
import { controlTarget } from '../../src/control/target.ts'
import type { NodeChanges } from '../../src/control/events/node-changes.ts'
import type { Jobs } from '../../src/control/jobs/jobs.ts'
import type { Uploads } from '../../src/control/uploads/uploads.ts'
import type { Share } from '../../src/transfer/share-options.ts'

const NO_CONFIG = {
  read: () => Promise.reject(new Error('nobody asks')),
  change: () => Promise.reject(new Error('nobody asks')),
}

type SteeredNode = Parameters<typeof controlTarget>[0]['node']
type End = Awaited<Share['ended']>

/** The share of a client that ends so; `isAsked`: because its client said so. */
async function shared(how: End, isAsked: boolean): Promise<void> {
  const share = { ended: Promise.resolve(how), stop: async () => {} } as Share
  const node = { share: async () => share, shareInput: async () => share }
  const target = controlTarget({
    node: node as unknown as SteeredNode,
    config: NO_CONFIG,
    jobs: {} as Jobs,
    changes: {} as NodeChanges,
    uploads: {} as Uploads,
    exposition: { text: () => Promise.reject(new Error('nobody asks')) },
    onStopRequest: undefined,
  })
  const signal = isAsked ? AbortSignal.abort() : new AbortController().signal
  await target.share({ paths: ['x'] }, () => {}, signal)
  await target.shareInput({}, (async function* () {})(), () => {}, signal)
}

describe('a share ends well for its client', () => {
  test.each([
    ['when so many devices as were asked for got it', 'delivered', false],
    ['when its client ends it', 'stopped', true],
    ['when it was removed', 'removed', false],
  ] as const)('%s', async (_name, how, isAsked) => {
    await expect(shared(how, isAsked)).resolves.toBeUndefined()
  })
})

test('a share that ends with its node is told to its client as a failure', async () => {
  await expect(shared('stopped', false)).rejects.toMatchObject({ code: 'ERR_NODE_STOPPED' })
})
