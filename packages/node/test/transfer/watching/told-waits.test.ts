/** Why a fetch waits, as it is told while one runs: what real nodes do not do when a test wants it. */
import { afterAll, expect, test, vi } from 'vitest'
import type { FetchEvent, WaitingEvent } from '../../../src/events.ts'
import { memoryChannels } from '../../../src/network/memory-channel.ts'
import { BlockWorkers } from '../../../src/store/block-workers.ts'
import { systemDisk } from '../../../src/store/disk.ts'
import { FetchService, type FetchServiceInit } from '../../../src/transfer/fetch-service.ts'
import { TRANSFER_LIMITS } from '../../../src/transfer/limits.ts'
import { ShareRegistry } from '../../../src/transfer/serving/share-registry.ts'
import { UploadService } from '../../../src/transfer/serving/upload-service.ts'
import { systemSeams } from '../../../src/util/system.ts'
import { temporaryFolder } from '../../helpers/files.ts'
import { NOT_RECORDED } from '../../helpers/no-stagings.ts'
import { makeShare, partsWith, type MadeShare } from '../../helpers/providers.ts'

const PATIENCE = { timeout: 20_000, interval: 50 }
const workers = new BlockWorkers({ threads: 1 })
afterAll(() => workers.close())

const parts = { disk: systemDisk, stagings: NOT_RECORDED, hasNetwork: () => true, platform: 'posix' } as const

async function begin(made: MadeShare, init: FetchServiceInit) {
  const told: WaitingEvent[] = []
  const end = new AbortController()
  const service = new FetchService(init)
  const onEvent = (event: FetchEvent): void => void (event.type === 'waiting' && told.push(event))
  const directory = await temporaryFolder()
  const ended = service.fetch(made.link, { directory, onEvent, waitMs: 0, signal: end.signal })
  ended.catch(() => {})
  const until = (expected: object): Promise<void> =>
    vi.waitFor(() => expect(told.at(-1)).toMatchObject(expected), PATIENCE)
  return { service, told, end, ended, until }
}

/** A device that answers so many questions for blocks at a time. */
function deviceOf({ source }: MadeShare, maxWantsPerPeer: number): Pick<FetchServiceInit, 'peers' | 'dial'> {
  const registry = new ShareRegistry()
  registry.add(source)
  const limits = { ...TRANSFER_LIMITS, maxWantsPerPeer }
  const uploads = new UploadService({ registry, seams: systemSeams, limits })
  const dial = async () => {
    const [ours, theirs] = memoryChannels(Buffer.from('mia'), 'mia')
    uploads.accept(theirs)
    return ours
  }
  return { peers: ['/ip4/192.0.2.1/tcp/1/p2p/mia'], dial }
}

test('all that are there are busy', async () => {
  const made = await makeShare({ a: 'x'.repeat(3_000_000) }, 'public', workers)
  const apart = { ...partsWith(made.source, workers).parts, ...parts, dialSelf: () => undefined }
  const { until, end, ended, service } = await begin(made, { ...apart, ...deviceOf(made, 0) })
  await until({ type: 'waiting', reason: 'busy', detail: { peers: 1 } })
  expect(service.sources()).toMatchObject([{ sources: [{ id: 'mia', state: 'busy', has: 1 }] }])
  end.abort()
  await expect(ended).rejects.toThrow('aborted')
  expect(service.sources()).toEqual([])
})

test('what is on the disk already is compared', async () => {
  const made = await makeShare({ a: 'text' }, 'sealed', workers)
  const looked = Promise.withResolvers<void>()
  const slow = new Proxy(workers, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      if (name !== 'survey') return value.bind(target) as unknown
      return async (...given: Parameters<typeof target.survey>) => {
        await looked.promise
        return await target.survey(...given)
      }
    },
  })
  const { until, ended, told } = await begin(made, { ...partsWith(made.source, slow).parts, ...parts })
  await until({ reason: 'verifying', detail: null })
  looked.resolve()
  await ended
  expect(told.map(({ reason }) => reason)).toEqual(['verifying'])
})

test('this device has no network, and has one again', async () => {
  const made = await makeShare({ a: 'text' }, 'sealed', workers)
  let hasNetwork = false
  const { until, end, ended } = await begin(made, {
    ...partsWith(made.source, workers).parts,
    ...parts,
    dialSelf: () => undefined,
    network: 'lan',
    hasNetwork: () => hasNetwork,
  })
  await until({ reason: 'offline', detail: null })
  hasNetwork = true
  await until({ reason: 'searching', detail: null })
  end.abort()
  await expect(ended).rejects.toThrow('aborted')
})
