/** Sessions that an operation opened, after it is over. */
import { describe, expect, test } from 'vitest'
import { RAW, cidOf, sha256 } from '../../../src/content/cid.ts'
import type { BlockAnswer, ContentSource } from '../../../src/store/content-source.ts'
import { TRANSFER_LIMITS } from '../../../src/transfer/limits.ts'
import { Session } from '../../../src/transfer/wire/session.ts'
import { ShareRegistry } from '../../../src/transfer/serving/share-registry.ts'
import { UploadService } from '../../../src/transfer/serving/upload-service.ts'
import { ManualChannel } from '../../helpers/manual-channel.ts'
import { Simulation } from '../../helpers/simulation.ts'

const root = cidOf(RAW, sha256(Buffer.from('root')))
const { keptIdleMs } = TRANSFER_LIMITS

/** What a node shares that fetched it, and the session that it opened for that. */
function afterFetch(readBlock: () => Promise<BlockAnswer> = async () => ({ outcome: 'missing' })) {
  const world = new Simulation(1)
  const registry = new ShareRegistry()
  const source: ContentSource = { root, total: 4, readBlock, readNode: async () => ({ outcome: 'missing' }) }
  registry.add(source)
  const uploads = new UploadService({ registry, seams: world.seams, limits: TRANSFER_LIMITS })
  const channel = new ManualChannel()
  const session = Session.open({ channel, seams: world.seams, limits: TRANSFER_LIMITS }, root)
  channel.openAsAnswerer(root)
  const pass = (ms: number): Promise<void> => world.pass(ms)
  return { registry, source, uploads, channel, session, pass }
}

describe('a session of an operation that is over', () => {
  test('is kept where the peer is served in it, once', () => {
    const { uploads, session } = afterFetch()
    expect(uploads.keep(session)).toBe(false)
    uploads.serveOn(session)
    expect(uploads.keep(session)).toBe(true)
    expect(uploads.keep(session)).toBe(false)
  })

  test('is not kept where its root is served no more', () => {
    const { uploads, session, registry, source } = afterFetch()
    uploads.serveOn(session)
    registry.remove(source)
    expect(uploads.keep(session)).toBe(false)
  })

  test('is none that the peer opened: another fetch does not ask in it', () => {
    const { uploads, session } = afterFetch()
    uploads.serveOn(session)
    uploads.keep(session)
    const seen: string[] = []
    uploads.onSession(root, (one) => void seen.push(one.remoteName))
    expect(seen).toEqual([])
  })

  test('ends with what is served', async () => {
    const { uploads, channel, session } = afterFetch()
    uploads.serveOn(session)
    uploads.keep(session)
    await uploads.stop(root.toString())
    expect(channel.last('bye').why).toBe('shutdown')
  })

  test('ends when the peer has everything', () => {
    const { uploads, channel, session } = afterFetch()
    uploads.serveOn(session)
    uploads.keep(session)
    channel.say({ t: 'have', i: [1] })
    expect(session.isEnded).toBe(false)
    channel.say({ t: 'have', all: true, total: 4 })
    expect(channel.last('bye').why).toBe('done')
  })

  test('ends when the peer says nothing for long, and not before', async () => {
    const { uploads, channel, session, pass } = afterFetch()
    uploads.serveOn(session)
    uploads.keep(session)
    await pass(keptIdleMs - 1)
    channel.say({ t: 'want', i: [1] })
    await pass(keptIdleMs - 1)
    expect(session.isEnded).toBe(false)
    await pass(1)
    expect(channel.last('bye').why).toBe('done')
  })

  test('stays while something is on its way, however slowly', async () => {
    const { promise, resolve } = Promise.withResolvers<BlockAnswer>()
    const { uploads, channel, session, pass } = afterFetch(() => promise)
    uploads.serveOn(session)
    uploads.keep(session)
    channel.say({ t: 'want', i: [1] })
    await pass(10 * keptIdleMs)
    expect(session.isEnded).toBe(false)
    resolve({ outcome: 'missing' })
    await pass(2 * keptIdleMs)
    expect(channel.last('bye').why).toBe('done')
  })
})
