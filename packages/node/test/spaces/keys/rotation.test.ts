import { expect, test } from 'vitest'
import type { DeviceKeys } from '../../../src/spaces/keys/device-keys.ts'
import { announceEpoch } from '../../../src/spaces/keys/epoch.ts'
import { KeyRing } from '../../../src/spaces/keys/key-ring.ts'
import { ROTATE_AFTER_MS } from '../../../src/spaces/keys/limits.ts'
import { resealEpoch } from '../../../src/spaces/keys/reseal.ts'
import {
  missingRecipients,
  rotationReasons,
  type RotationDevice,
  type RotationInit,
} from '../../../src/spaces/keys/rotation.ts'
import { unwrapShareKey, wrapShareKey } from '../../../src/spaces/keys/share-key.ts'
import { newDevice, seededRandom } from '../../helpers/space-keys.ts'
import { seededFloats } from '../../helpers/simulation.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_122)
/** A sample; as many as wanted for a longer look. */
const SCHEDULES = Number(process.env['SHOAL_KEY_SCHEDULES'] ?? 150)

const device = (
  name: string,
  role: RotationDevice['role'],
  sealing = `sealing of ${name}`,
): RotationDevice => ({
  author: name,
  sealing,
  role,
})
const ada = device('ada', 'founder')
const ben = device('ben', 'write')
const cleo = device('cleo', 'read')
const mirror = device('mirror', 'pull')
const all = [ada, ben, cleo, mirror]
const sealingOf = (...devices: RotationDevice[]): Set<string> =>
  new Set(devices.map(({ sealing }) => sealing))
const settled: RotationInit = {
  recipients: sealingOf(ada, ben, cleo),
  before: all,
  now: all,
  isBroken: false,
  ageMs: ROTATE_AFTER_MS - 1,
}

test('a new key is needed exactly when there is a reason for it', () => {
  const cases: [string, Partial<RotationInit>, string[]][] = [
    ['nothing', {}, []],
    ['no key yet', { recipients: undefined }, ['first']],
    ['a reader is removed or lost', { now: [ada, ben, mirror] }, ['removed', 'exposed']],
    ['a replica is removed', { now: [ada, ben, cleo] }, []],
    ['another joins', { now: [...all, device('dan', 'write')] }, []],
    ['a writer becomes a reader', { now: [ada, device('ben', 'read'), cleo, mirror] }, ['demoted']],
    [
      'a reader becomes a replica',
      { now: [ada, ben, device('cleo', 'pull'), mirror] },
      ['demoted', 'exposed'],
    ],
    ['a reader is promoted', { now: [ada, ben, device('cleo', 'manage'), mirror] }, []],
    [
      'a device has a new sealing key',
      { now: [ada, device('ben', 'write', 'another'), cleo, mirror] },
      ['removed', 'exposed'],
    ],
    [
      'it was sealed to a stranger',
      { recipients: sealingOf(ada, ben, cleo, device('zoe', 'read')) },
      ['exposed'],
    ],
    ['it was sealed to a replica', { recipients: sealingOf(...all) }, ['exposed']],
    ['it does not open', { isBroken: true }, ['broken']],
    ['30 days', { ageMs: ROTATE_AFTER_MS }, ['age']],
  ]
  for (const [name, change, reasons] of cases) {
    expect(rotationReasons({ ...settled, ...change }), name).toEqual(reasons)
  }
})

test('a reseal is for readers whom the key was not sealed to, and for no replica', () => {
  const dan = device('dan', 'read')
  expect(missingRecipients({ recipients: sealingOf(ada, ben), now: [...all, dan] })).toEqual([cleo, dan])
  expect(missingRecipients(settled)).toEqual([])
})

interface Operation {
  readonly needs: ReadonlySet<Operation>
  readonly author: number
  readonly body: { remove: number } | { epoch: Uint8Array } | { reseal: Uint8Array }
}

/** A device in a world of messages that arrive late: what it has seen of the log, and its ring. */
interface Seen {
  readonly keys: DeviceKeys
  readonly ring: KeyRing
  readonly log: Set<Operation>
  readonly removed: Set<number>
}

test(`who is removed reads nothing that is added by who knows of it, in ${SCHEDULES} schedules (seed ${SEED})`, async () => {
  const float = seededFloats(SEED)
  const random = seededRandom(SEED)
  const below = (limit: number): number => Math.floor(float() * limit)
  let judged = 0
  let opened = 0
  for (let schedule = 0; schedule < SCHEDULES; schedule++) {
    const space = random.bytes(32)
    const root = random.bytes(36)
    const devices: Seen[] = [0, 1, 2, 3].map(() => {
      const keys = newDevice(random, space)
      return { keys, ring: new KeyRing(space, [keys.sealing]), log: new Set(), removed: new Set() }
    })
    const added: { wrapped: Uint8Array; removed: ReadonlySet<number>; key: Uint8Array }[] = []
    const world: Operation[] = []
    const receive = async (to: Seen, operation: Operation): Promise<void> => {
      if (to.log.has(operation)) return
      for (const needed of operation.needs) await receive(to, needed)
      to.log.add(operation)
      const author = (devices[operation.author] as Seen).keys.author.publicKey
      if ('remove' in operation.body) to.removed.add(operation.body.remove)
      else if ('epoch' in operation.body) await to.ring.addEpoch(operation.body.epoch, author)
      else await to.ring.addReseal(operation.body.reseal, author)
    }
    const send = async (from: number, body: Operation['body']): Promise<void> => {
      const operation = { needs: new Set((devices[from] as Seen).log), author: from, body }
      world.push(operation)
      await receive(devices[from] as Seen, operation)
    }
    const keep = async (from: number): Promise<boolean> => {
      const { ring, removed, keys } = devices[from] as Seen
      const now = devices.flatMap(({ keys: each }, index) =>
        removed.has(index)
          ? []
          : [
              {
                author: String(index),
                sealing: Buffer.from(each.sealing.publicKey).toString('hex'),
                role: 'manage' as const,
              },
            ],
      )
      const latest = ring.latest()
      const recipients = latest === undefined ? undefined : ring.recipientsOf(latest.id)
      const author = keys.author.publicKey
      const sealingKeys = now.map(({ sealing }) => Uint8Array.from(Buffer.from(sealing, 'hex')))
      const init = { recipients, before: now, now, isBroken: false, ageMs: 0 }
      if (rotationReasons(init).length > 0) {
        const made = { space, author, predecessors: ring.heads(), recipients: sealingKeys, random }
        await send(from, { epoch: (await announceEpoch(made)).bytes })
      } else if (latest?.key !== undefined && missingRecipients(init).length > 0) {
        const { id: epoch, key } = latest
        const made = { space, author, epoch, key, recipients: sealingKeys, random }
        await send(from, { reseal: (await resealEpoch(made)).bytes })
      }
      return ring.sending() !== undefined
    }
    await keep(0)
    for (let step = 0; step < 14; step++) {
      const from = below(devices.length)
      const seen = devices[from] as Seen
      if (seen.removed.has(from)) continue
      const dice = float()
      if (dice < 0.2 && seen.removed.size < 2) {
        const whom = below(devices.length)
        if (whom !== from && !seen.removed.has(whom)) await send(from, { remove: whom })
      } else if (dice < 0.55 && world.length > 0) {
        await receive(seen, world[below(world.length)] as Operation)
      } else if (await keep(from)) {
        const epoch = seen.ring.sending()
        if (epoch === undefined) continue
        const key = random.bytes(32)
        const wrapped = wrapShareKey(key, { space, root }, epoch, random)
        added.push({ wrapped, key, removed: new Set(seen.removed) })
      }
    }
    // Everything reaches everybody, also who was removed.
    for (const each of devices) for (const operation of world) await receive(each, operation)
    for (const { wrapped, removed, key } of added) {
      for (const [index, { ring }] of devices.entries()) {
        const read = (): Uint8Array => unwrapShareKey(wrapped, { space, root }, ring)
        if (removed.has(index)) {
          judged++
          expect(read, `schedule ${schedule}`).toThrow(expect.objectContaining({ code: 'ERR_NO_SPACE_KEY' }))
        } else {
          try {
            expect(read()).toEqual(key)
            opened++
          } catch (error) {
            // Not sealed to it by a device that had not heard of it being let in, or was removed meanwhile.
            expect(error).toMatchObject({ code: 'ERR_NO_SPACE_KEY' })
          }
        }
      }
    }
  }
  expect(judged).toBeGreaterThan(SCHEDULES / 2)
  expect(opened).toBeGreaterThan(SCHEDULES)
})
