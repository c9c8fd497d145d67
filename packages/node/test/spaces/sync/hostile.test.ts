/** A member that lies, stalls or floods wastes one session, and harms nobody else. */
import { expect, test } from 'vitest'
import type { SpaceHost } from '../../../src/spaces/host/space-host.ts'
import { writeFrames } from '../../../src/spaces/sync/frame-list.ts'
import { greet } from '../../../src/spaces/sync/handshake.ts'
import { keyOf } from '../../../src/spaces/sync/id-set.ts'
import {
  MAX_IDLE_TURNS,
  MAX_ROUNDS,
  MAX_USELESS_TURNS,
  TURN_TIMEOUT_MS,
} from '../../../src/spaces/sync/limits.ts'
import { RangeWriter } from '../../../src/spaces/sync/ranges.ts'
import { answerSession, type SessionResult } from '../../../src/spaces/sync/session.ts'
import { Wire } from '../../../src/spaces/sync/wire.ts'
import type { Timers } from '../../../src/util/seams.ts'
import { systemSeams } from '../../../src/util/system.ts'
import { letIn, pathsIn, put, tell } from '../../helpers/space-hosts.ts'
import { channelPair, localHost, sync } from '../../helpers/sync-hosts.ts'

interface Meeting {
  readonly wire: Wire
  readonly channel: ReturnType<typeof channelPair>['left']
  readonly space: string
  readonly anna: SpaceHost
  readonly eve: SpaceHost
  /** What became of anna's side. */
  readonly answered: Promise<SessionResult | Error>
  /** Lets everything be late that waits now. */
  readonly late: () => void
}

/** Eve is a member, has greeted anna, and now says what a test has her say. */
async function meeting(): Promise<Meeting> {
  const [anna, eve] = [await localHost(), await localHost()]
  const { id: space } = await anna.call('found', { name: 'holiday' })
  await letIn(space, anna, eve)
  await tell(space, anna, eve)
  await put(anna, space, ['of anna'])
  const pair = channelPair('eve', 'anna')
  const waiting = new Map<object, () => void>()
  const timers: Timers = {
    set: (callback, delayMs) => {
      const handle = {}
      if (delayMs === TURN_TIMEOUT_MS) waiting.set(handle, callback)
      return handle
    },
    clear: (handle) => void waiting.delete(handle as object),
  }
  const seams = { ...systemSeams, timers }
  const answered = answerSession({ channel: pair.right, host: anna, seams, mayMeet: async () => true }).catch(
    (error: unknown) => error as Error,
  )
  const wire = new Wire(pair.left, systemSeams.timers)
  await greet({ wire, host: eve, random: systemSeams.random, spaces: [space], isKnown: true })
  const late = (): void => {
    for (const callback of waiting.values()) callback()
  }
  return { wire, channel: pair.left, space, anna, eve, answered, late }
}

const AUTH = Uint8Array.of(0)
const data = (flags: number, keys: Uint8Array, frames: readonly Uint8Array[]): Uint8Array => {
  const head = Buffer.alloc(5)
  head.writeUInt8(flags, 0)
  head.writeUInt32BE(keys.byteLength, 1)
  return Buffer.concat([head, keys, writeFrames(frames)])
}
const NOTHING = new Uint8Array()

function wrongFingerprint(): Uint8Array {
  const writer = new RangeWriter()
  writer.write({ end: undefined, kind: 'fingerprint', fingerprint: new Uint8Array(32).fill(1) })
  return writer.bytes()
}

/** Says something again and again, until the other side ends it. @returns how often */
async function sayOn(
  wire: Wire,
  kind: 'ranges' | 'data' | 'question',
  ...parts: Uint8Array[]
): Promise<number> {
  for (let times = 0; ; times++) {
    if (times > 1_000) throw new Error('it is never ended')
    try {
      await wire.send(kind, ...parts)
      await wire.next('ranges', 'data', 'operations')
    } catch {
      return times
    }
  }
}

test('ranges that never agree end after so many rounds', async () => {
  const { wire, answered } = await meeting()
  expect(await sayOn(wire, 'ranges', AUTH, wrongFingerprint())).toBeLessThanOrEqual(MAX_ROUNDS)
  expect(await answered).toMatchObject({ code: 'ERR_PROTOCOL' })
})

test('who says nothing when it is its turn is told to, then left', async () => {
  const { wire, answered } = await meeting()
  await wire.send('ranges', AUTH, wrongFingerprint())
  await wire.next('ranges')
  expect(await sayOn(wire, 'data', AUTH, data(0, NOTHING, []))).toBe(MAX_IDLE_TURNS)
  expect(await answered).toMatchObject({ code: 'ERR_PROTOCOL' })
})

test('who gives the same over and over is left', async () => {
  const { wire, answered, anna, space } = await meeting()
  const [frame = NOTHING] = await anna.call('authFrames', { space, ids: [space] })
  await wire.send('ranges', AUTH, wrongFingerprint())
  await wire.next('ranges')
  expect(await sayOn(wire, 'data', AUTH, data(0, NOTHING, [frame]))).toBe(MAX_USELESS_TURNS)
  expect(await answered).toMatchObject({ code: 'ERR_PROTOCOL' })
})

test('who asks without end who answered it is left', async () => {
  const { wire, answered } = await meeting()
  expect(await sayOn(wire, 'question')).toBeLessThanOrEqual(17)
  expect(await answered).toMatchObject({ code: 'ERR_PROTOCOL' })
})

test.each([
  ['false operations', async () => [Buffer.alloc(300, 7)]],
  [
    'operations of another space',
    async ({ eve }: Meeting) => {
      const { id: space } = await eve.call('found', { name: 'other' })
      return await eve.call('authFrames', { space, ids: undefined })
    },
  ],
])('%s end it, and nothing of them is kept', async (_, framesOf) => {
  const it = await meeting()
  const before = await it.anna.call('authFrames', { space: it.space, ids: undefined })
  await it.wire.send('data', AUTH, data(1, NOTHING, await framesOf(it))).catch(() => {})
  expect(await it.answered).toMatchObject({ code: 'ERR_PROTOCOL' })
  expect(await it.anna.call('authFrames', { space: it.space, ids: undefined })).toEqual(before)
})

test.each([
  ['a message of no kind', '09000000'],
  ['a message that is too long', '06ffffff'],
  ['a message that is too short', '06000001'],
  ['a log that there is not', '060000030200ff'],
  ['the catalogue before the auth log is begun, as data', '07000006010100000000'],
  ['keys beyond the end of a message', '070000060000ffffffff'],
  ['frames that are cut off', '0700000a00000000000000000001'],
  ['ranges that are cut off', '060000030000ff'],
  ['a hello in the middle', `01000220${'00'.repeat(544)}`],
])('%s ends it', async (_, hex) => {
  const { channel, answered } = await meeting()
  channel.send(Buffer.from(hex, 'hex'))
  expect(await answered).toMatchObject({ code: 'ERR_PROTOCOL' })
})

test('more than one message at a time ends it', async () => {
  const { channel, answered } = await meeting()
  channel.send(Buffer.from('060000030000000600000300000006', 'hex'))
  channel.send(Buffer.from('000003000000', 'hex'))
  expect(await answered).toMatchObject({ code: 'ERR_PROTOCOL' })
})

test('who stalls, or trickles, is left when its time is over', async () => {
  for (const said of ['', '06', '060000ff00']) {
    const { channel, answered, late } = await meeting()
    channel.send(Buffer.from(said, 'hex'))
    // What it sent has come by then.
    await new Promise((resolve) => setImmediate(resolve))
    late()
    expect(await answered).toMatchObject({
      code: 'ERR_PROTOCOL',
      message: expect.stringContaining('too long'),
    })
  }
})

test('keys of which there is nothing are asked for once, and honest members are none the worse', async () => {
  const { wire, answered, anna, eve, space } = await meeting()
  const writer = new RangeWriter()
  const keys = Array.from({ length: 1_000 }, (_, i) =>
    keyOf(5, Buffer.alloc(32, i.toString(16).padStart(64, '0'), 'hex')),
  )
  writer.write({ end: undefined, kind: 'list', keys })
  await wire.send('ranges', AUTH, writer.bytes())
  const { body } = await wire.next('data')
  expect(body.byteLength).toBe(1 + 5 + 1_000 * 38)
  for (let turns = 0; turns < 4; turns++) {
    await wire.send('data', AUTH, data(1, NOTHING, []))
    const { kind } = await wire.next('data', 'ranges', 'end')
    if (kind !== 'data') break
  }
  await wire.send('end')
  expect(await answered).toMatchObject({ space, taken: 0 })
  expect(await sync(space, eve, anna)).toMatchObject({ opened: { taken: 1 } })
  expect(await pathsIn(eve, space)).toEqual(['of anna'])
})
