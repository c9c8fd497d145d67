import { expect, test } from 'vitest'
import { sha256 } from '../../../src/content/cid.ts'
import { LanSource, type LanSourceInit } from '../../../src/network/lan/lan-source.ts'
import type { Candidate } from '../../../src/network/provider-source.ts'
import { Simulation } from '../../helpers/simulation.ts'
import { peerOf } from './names.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)

const digestOf = (number: number): Uint8Array => sha256(Buffer.from(`digest ${number}`))
const keyOf = (digest: Uint8Array): string => Buffer.from(digest).toString('hex')

/** Devices in the simulated world, each with what it serves. */
class Devices {
  readonly world = new Simulation(SEED)
  readonly listeners = new Set<() => void>()
  readonly asked: { readonly peerId: string; readonly digests: number; readonly atMs: number }[] = []
  readonly answered: string[] = []
  queries = 0
  underWay = 0
  mostUnderWay = 0
  list: Candidate[] = []
  /** What a device serves; undefined: it does not answer. */
  serves: (peerId: string) => readonly string[] | undefined = () => []
  answerMs = 50

  add(number: number, port = 1): void {
    const peerId = peerOf(number)
    const others = this.list.filter((device) => device.peerId !== peerId)
    this.list = [{ peerId, addresses: [`/ip4/10.0.0.1/tcp/${port}/p2p/${peerId}`] }, ...others]
    for (const listener of this.listeners) listener()
  }

  source(): LanSource {
    const init: LanSourceInit = {
      seams: this.world.seams,
      devices: () => this.list,
      onDevice: (listener) => {
        this.listeners.add(listener)
        return () => void this.listeners.delete(listener)
      },
      query: () => void this.queries++,
      ask: (device, digests) => this.#ask(device, digests),
      onAnswer: (peerId) => void this.answered.push(peerId),
    }
    return new LanSource(init)
  }

  async pass(ms: number): Promise<void> {
    const untilMs = this.world.nowMs + ms
    await this.world.run(new Promise<void>((resolve) => this.world.at(untilMs, resolve)))
  }

  async #ask({ peerId }: Candidate, digests: readonly Uint8Array[]): Promise<boolean[]> {
    this.asked.push({ peerId, digests: digests.length, atMs: this.world.nowMs })
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay)
    await new Promise<void>((resolve) => this.world.at(this.world.nowMs + this.answerMs, resolve))
    this.underWay--
    const served = this.serves(peerId)
    if (served === undefined) throw new Error('no answer')
    return digests.map((digest) => served.includes(keyOf(digest)))
  }
}

/** Collects what a search finds while it lasts. */
function collect(found: AsyncIterable<Candidate>): {
  readonly peers: string[]
  readonly ended: Promise<void>
} {
  const peers: string[] = []
  const ended = (async () => {
    for await (const { peerId, addresses } of found) peers.push(`${peerId} ${addresses.join()}`)
  })()
  return { peers, ended }
}

const named = (number: number, port = 1): string =>
  `${peerOf(number)} /ip4/10.0.0.1/tcp/${port}/p2p/${peerOf(number)}`

test(`a search asks the network at once and gives out who has it, those heard of later too (seed ${SEED})`, async () => {
  const devices = new Devices()
  devices.serves = (peerId) => (peerId === peerOf(1) ? [] : [keyOf(digestOf(7))])
  devices.add(1)
  devices.add(2)
  const source = devices.source()
  const search = new AbortController()
  const { peers, ended } = collect(source.find(digestOf(7), search.signal))
  expect(devices.queries).toBe(1)
  await devices.pass(1_000)
  expect(peers).toEqual([named(2)])
  devices.add(3)
  await devices.pass(1_000)
  expect(peers).toEqual([named(2), named(3)])
  expect(devices.answered).toHaveLength(3)
  search.abort()
  await ended
  devices.add(4)
  await devices.pass(60_000)
  expect(devices.asked).toHaveLength(3)
})

test(`searches at once are asked for together, 64 in one question (seed ${SEED})`, async () => {
  const devices = new Devices()
  devices.add(1)
  devices.serves = () => [keyOf(digestOf(3)), keyOf(digestOf(99))]
  const source = devices.source()
  const found = Array.from({ length: 100 }, (_, i) => collect(source.find(digestOf(i), AbortSignal.any([]))))
  await devices.pass(1_000)
  expect(devices.asked.map(({ digests }) => digests)).toEqual([64, 36])
  expect(found.flatMap(({ peers }, i) => peers.map(() => i))).toEqual([3, 99])
  source.stop()
  await Promise.all(found.map(({ ended }) => ended))
})

test(`few devices are asked at once, and all in the end (seed ${SEED})`, async () => {
  const devices = new Devices()
  for (let i = 0; i < 100; i++) devices.add(i)
  const source = devices.source()
  collect(source.find(digestOf(1), AbortSignal.any([])))
  await devices.pass(5_000)
  expect(devices.mostUnderWay).toBe(8)
  expect(new Set(devices.asked.map(({ peerId }) => peerId)).size).toBe(100)
  expect(devices.asked).toHaveLength(100)
  source.stop()
})

test(`who did not answer is asked again soon, who does not have it later (seed ${SEED})`, async () => {
  const devices = new Devices()
  devices.add(1)
  devices.add(2)
  devices.serves = (peerId) => (peerId === peerOf(1) ? undefined : [])
  const source = devices.source()
  const { peers } = collect(source.find(digestOf(1), AbortSignal.any([])))
  await devices.pass(9_500)
  const times = (number: number): number =>
    devices.asked.filter(({ peerId }) => peerId === peerOf(number)).length
  expect([times(1), times(2)]).toEqual([4, 1])
  devices.serves = () => [keyOf(digestOf(1))]
  await devices.pass(5_000)
  expect(peers.toSorted()).toEqual([named(1), named(2)].toSorted())
  // Who has it is not asked again.
  const before = devices.asked.length
  await devices.pass(60_000)
  expect(devices.asked).toHaveLength(before)
  source.stop()
})

test(`a device that has it and moved is given out again (seed ${SEED})`, async () => {
  const devices = new Devices()
  devices.add(1)
  devices.serves = () => [keyOf(digestOf(1))]
  const source = devices.source()
  const { peers } = collect(source.find(digestOf(1), AbortSignal.any([])))
  await devices.pass(1_000)
  devices.add(1, 2)
  await devices.pass(1_000)
  expect(peers).toEqual([named(1), named(1, 2)])
  source.stop()
})

test(`searches that begin all the time do not keep each other from being asked (seed ${SEED})`, async () => {
  const devices = new Devices()
  devices.add(1)
  const source = devices.source()
  for (let i = 0; i < 20; i++) {
    collect(source.find(digestOf(i), AbortSignal.any([])))
    await devices.pass(5)
  }
  expect(devices.asked.length).toBeGreaterThan(0)
  source.stop()
})

test(`a search that is broken off by who reads it ends (seed ${SEED})`, async () => {
  const devices = new Devices()
  devices.add(1)
  devices.serves = () => [keyOf(digestOf(1))]
  const source = devices.source()
  const first = (async () => {
    for await (const candidate of source.find(digestOf(1), AbortSignal.any([]))) return candidate
    return undefined
  })()
  expect((await devices.world.run(first))?.peerId).toBe(peerOf(1))
  devices.add(2)
  await devices.pass(60_000)
  expect(devices.asked).toHaveLength(1)
})

test('a search with a signal that is aborted already, or after the stop, finds nothing and asks nobody', async () => {
  const devices = new Devices()
  devices.add(1)
  const source = devices.source()
  await collect(source.find(digestOf(1), AbortSignal.abort())).ended
  source.stop()
  await collect(source.find(digestOf(1), AbortSignal.any([]))).ended
  expect([devices.queries, devices.asked.length]).toEqual([0, 0])
})
