import { decode, encode } from '@ipld/dag-cbor'
import { expect, test } from 'vitest'
import type { DeviceKeys } from '../../../src/spaces/keys/device-keys.ts'
import { announceEpoch, type HeldEpoch, type NewEpoch } from '../../../src/spaces/keys/epoch.ts'
import { KeyRing } from '../../../src/spaces/keys/key-ring.ts'
import { MAX_PREDECESSORS, MAX_SEALED_DEVICES } from '../../../src/spaces/keys/limits.ts'
import { resealEpoch } from '../../../src/spaces/keys/reseal.ts'
import { Mutator } from '../../helpers/mutate.ts'
import { LOW_ORDER_X25519, newDevice, seededRandom } from '../../helpers/space-keys.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_122)
const random = seededRandom(SEED)
const space = random.bytes(32)
const otherSpace = random.bytes(32)
const [ada, ben, cleo, dan] = [1, 2, 3, 4].map(() => newDevice(random, space)) as [
  DeviceKeys,
  DeviceKeys,
  DeviceKeys,
  DeviceKeys,
]

interface Raw {
  d: number
  e: Uint8Array
  p: [Uint8Array, Uint8Array][]
  s: [Uint8Array, Uint8Array][]
  v: number
}

const hex = (value: Uint8Array | undefined): string => Buffer.from(value ?? []).toString('hex')
const invalid = { code: 'ERR_CONTENT_INVALID' }
const ringOf = (device: DeviceKeys, of: Uint8Array = space): KeyRing => new KeyRing(of, [device.sealing])
const announce = (
  by: DeviceKeys,
  to: readonly DeviceKeys[],
  predecessors: readonly HeldEpoch[] = [],
): Promise<NewEpoch> =>
  announceEpoch({
    space,
    author: by.author.publicKey,
    predecessors,
    recipients: to.map(({ sealing }) => sealing.publicKey),
    random,
  })
const held = ({ id, key }: NewEpoch, depth: number): HeldEpoch => ({ id, key, depth })
const changed = (epoch: NewEpoch, change: (raw: Raw) => void): Uint8Array => {
  const raw = decode<Raw>(epoch.bytes)
  change(raw)
  return encode(raw)
}

test('everybody whom it was sealed to has the key, and nobody else', async () => {
  const first = await announce(ada, [ada, ben])
  for (const [device, state] of [
    [ada, 'open'],
    [ben, 'open'],
    [cleo, 'locked'],
  ] as const) {
    const ring = ringOf(device)
    expect(await ring.addEpoch(first.bytes, ada.author.publicKey)).toBe(state)
    expect(hex(ring.sending()?.key)).toBe(state === 'open' ? hex(first.key) : '')
    if (state === 'locked') {
      expect(() => ring.keyOf(first.id)).toThrow(expect.objectContaining({ code: 'ERR_NO_SPACE_KEY' }))
    }
  }
})

test('who is removed opens nothing that is added later, and never goes on under the old key', async () => {
  const first = await announce(ada, [ada, ben, cleo])
  const second = await announce(ada, [ada, ben], [held(first, 0)])
  const removed = ringOf(cleo)
  await removed.addEpoch(first.bytes, ada.author.publicKey)
  expect(await removed.addEpoch(second.bytes, ada.author.publicKey)).toBe('locked')
  expect(removed.openKeys().map(({ id }) => hex(id))).toEqual([hex(first.id)])
  expect(removed.sending()).toBeUndefined()
  expect(removed.learn(second.id, first.key)).toBe(false)
})

test('who joins late reads back to the first key through the newest, also where two rotated at once', async () => {
  const author = ada.author.publicKey
  const first = await announce(ada, [ada, ben])
  const left = await announce(ada, [ada, ben], [held(first, 0)])
  const right = await announce(ben, [ada, ben], [held(first, 0)])
  const joined = await announce(ada, [ada, ben, dan], [held(right, 1), held(left, 1)])
  const late = ringOf(dan)
  await late.addEpoch(first.bytes, author)
  await late.addEpoch(right.bytes, ben.author.publicKey)
  await late.addEpoch(left.bytes, author)
  expect(
    late
      .heads()
      .map(({ id }) => hex(id))
      .sort(),
  ).toEqual([hex(left.id), hex(right.id)].sort())
  expect(await late.addEpoch(joined.bytes, author)).toBe('open')
  for (const epoch of [first, left, right, joined]) expect(hex(late.keyOf(epoch.id))).toBe(hex(epoch.key))
  expect(late.heads().map(({ id }) => hex(id))).toEqual([hex(joined.id)])
})

test('an epoch is resealed to who joined, and what was resealed is taken only if the id commits to it', async () => {
  const first = await announce(ada, [ada])
  const second = await announce(ada, [ada], [held(first, 0)])
  const reseal = (key: Uint8Array): Promise<{ bytes: Uint8Array }> =>
    resealEpoch({
      space,
      author: ada.author.publicKey,
      epoch: second.id,
      key,
      recipients: [dan.sealing.publicKey],
      random,
    })
  const late = ringOf(dan)
  for (const each of [first, second]) await late.addEpoch(each.bytes, ada.author.publicKey)
  expect(await late.addReseal((await reseal(random.bytes(32))).bytes, ada.author.publicKey)).toBe('broken')
  const good = (await reseal(second.key)).bytes
  expect(await late.addReseal(good, ben.author.publicKey)).toBe('broken')
  expect(late.openKeys()).toEqual([])
  expect(await late.addReseal(good, ada.author.publicKey)).toBe('open')
  expect(hex(late.keyOf(first.id))).toBe(hex(first.key))
  expect(late.recipientsOf(second.id)).toEqual(
    new Set([hex(ada.sealing.publicKey), hex(dan.sealing.publicKey)]),
  )
  expect(late.recipientsOf(first.id)).toBeUndefined()
  await expect(ringOf(dan).addReseal(good, ada.author.publicKey)).rejects.toMatchObject(invalid)
})

test('a device that was brought back reads what was sealed to it before, also where only that was', async () => {
  const first = await announce(ada, [ada, ben])
  const second = await announce(ada, [ada, dan], [held(first, 0)])
  const restored = new KeyRing(space, [dan.sealing, ben.sealing])
  expect(await restored.addEpoch(first.bytes, ada.author.publicKey)).toBe('open')
  expect(await restored.addEpoch(second.bytes, ada.author.publicKey)).toBe('open')
  expect(hex(restored.keyOf(first.id))).toBe(hex(first.key))
  const broken = changed(first, (raw) => raw.s.forEach(([, sealed]) => sealed.fill(0)))
  expect(await new KeyRing(space, [dan.sealing, ben.sealing]).addEpoch(broken, ada.author.publicKey)).toBe(
    'broken',
  )
})

test('of rotations at once all devices choose the same, in every order of arrival, until one follows both', async () => {
  const first = await announce(ada, [ada, ben, cleo])
  const rivals = await Promise.all(
    [ada, ben, cleo].map((by) => announce(by, [ada, ben, cleo], [held(first, 0)])),
  )
  const authors = [ada, ben, cleo].map(({ author }) => author.publicKey)
  const winner = rivals
    .map(({ id }) => hex(id))
    .sort()
    .at(-1)
  for (const order of [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ]) {
    const ring = ringOf(ben)
    await ring.addEpoch(first.bytes, authors[0] as Uint8Array)
    for (const index of order) {
      await ring.addEpoch((rivals[index] as NewEpoch).bytes, authors[index] as Uint8Array)
    }
    expect(hex(ring.sending()?.id)).toBe(winner)
    expect(hex(ring.sending((id) => hex(id) !== winner)?.id)).not.toBe(winner)
    expect(ring.heads()).toHaveLength(3)
    const next = await announce(ben, [ben], ring.heads())
    await ring.addEpoch(next.bytes, ben.author.publicKey)
    expect(hex(ring.sending()?.id)).toBe(hex(next.id))
  }
})

test('an announcement is worth nothing in another space or from another author', async () => {
  const first = await announce(ada, [ada, ben])
  const elsewhere = new KeyRing(otherSpace, [ben.sealing])
  expect(await elsewhere.addEpoch(first.bytes, ada.author.publicKey)).toBe('broken')
  expect(elsewhere.learn(first.id, first.key)).toBe(false)
  const stolen = ringOf(ben)
  expect(await stolen.addEpoch(first.bytes, cleo.author.publicKey)).toBe('broken')
  expect(stolen.sending()).toBeUndefined()
})

test('what was sealed for one device does not open for another, nor with other facts', async () => {
  const zero = await announce(ada, [ada, ben])
  const first = await announce(ada, [ada, ben], [held(zero, 0)])
  const plants: ((raw: Raw) => void)[] = [
    // Swapped recipients.
    (raw) => {
      const [[, a], [, b]] = raw.s as [[Uint8Array, Uint8Array], [Uint8Array, Uint8Array]]
      raw.s = raw.s.map(([key], index) => [key, index === 0 ? b : a])
    },
    // Another id.
    (raw) => void (raw.e = random.bytes(32)),
    // One byte of the ciphertext.
    (raw) => raw.s.forEach(([, sealed]) => void (sealed[79] = (sealed[79] as number) ^ 1)),
    // One byte of the encapsulated key.
    (raw) => raw.s.forEach(([, sealed]) => void (sealed[0] = (sealed[0] as number) ^ 1)),
    // Boxes of another epoch.
    (raw) => void (raw.s = decode<Raw>(zero.bytes).s),
    // An encapsulated key of low order.
    (raw) => raw.s.forEach(([, sealed]) => sealed.set(LOW_ORDER_X25519[2] as Uint8Array)),
  ]
  for (const [index, plant] of plants.entries()) {
    const ring = ringOf(ben)
    await ring.addEpoch(zero.bytes, ada.author.publicKey)
    expect(await ring.addEpoch(changed(first, plant), ada.author.publicKey), `plant ${index}`).toBe('broken')
  }
})

test('two devices cannot be given different keys under one id', async () => {
  const first = await announce(ada, [ada, ben])
  const other = await announce(ada, [ada, cleo])
  const split = changed(first, (raw) => {
    const foreign = decode<Raw>(other.bytes).s.find(([key]) => hex(key) === hex(cleo.sealing.publicKey))
    raw.s = [...raw.s, foreign as [Uint8Array, Uint8Array]].sort(([a], [b]) => Buffer.compare(a, b))
  })
  expect(await ringOf(cleo).addEpoch(split, ada.author.publicKey)).toBe('broken')
  expect(await ringOf(ben).addEpoch(split, ada.author.publicKey)).toBe('open')
})

test('a wrapped key of a predecessor is taken only if the id commits to it, and harms nothing else', async () => {
  const first = await announce(ada, [ada])
  // The announcer lies about the key before.
  const second = await announce(ada, [ada, dan], [{ id: first.id, depth: 0, key: random.bytes(32) }])
  const cut = changed(second, (raw) => raw.p.forEach((pair) => void (pair[1] = new Uint8Array())))
  for (const bytes of [second.bytes, cut]) {
    const late = ringOf(dan)
    await late.addEpoch(first.bytes, ada.author.publicKey)
    expect(await late.addEpoch(bytes, ada.author.publicKey)).toBe('open')
    expect(() => late.keyOf(first.id)).toThrow(expect.objectContaining({ code: 'ERR_NO_SPACE_KEY' }))
    expect(late.learn(first.id, first.key)).toBe(true)
    expect(late.openKeys()).toHaveLength(2)
  }
})

test('malformed announcements are refused before anything is opened', async () => {
  const zero = await announce(ada, [ada, ben])
  const first = await announce(ada, [ada, ben], [held(zero, 0)])
  const plants: [string, (raw: Raw & Record<string, unknown>) => void][] = [
    ['devices out of order', (raw) => void (raw.s = raw.s.toReversed())],
    ['a device twice', (raw) => void (raw.s[1] = raw.s[0] as [Uint8Array, Uint8Array])],
    ['a box cut short', (raw) => raw.s.forEach((pair) => void (pair[1] = pair[1].slice(1)))],
    ['a box too long', (raw) => raw.s.forEach((pair) => void (pair[1] = new Uint8Array(81)))],
    ['a key cut short', (raw) => raw.s.forEach((pair) => void (pair[0] = pair[0].slice(1)))],
    ['an id cut short', (raw) => void (raw.e = raw.e.slice(1))],
    ['a greater depth', (raw) => void (raw.d = 2 ** 40)],
    ['no depth', (raw) => void (raw.d = 0)],
    ['no predecessor', (raw) => void (raw.p = [])],
    ['an unknown predecessor', (raw) => void (raw.p = [[random.bytes(32), new Uint8Array()]])],
    ['a predecessor twice', (raw) => raw.p.push(raw.p[0] as [Uint8Array, Uint8Array])],
    ['a wrapped key cut short', (raw) => raw.p.forEach((pair) => void (pair[1] = pair[1].slice(1)))],
    ['a newer version', (raw) => void (raw.v = 2)],
    ['a further field', (raw) => void (raw['z'] = 1)],
    [
      'too many devices',
      (raw) =>
        void (raw.s = Array.from(
          { length: MAX_SEALED_DEVICES + 1 },
          () => raw.s[0] as [Uint8Array, Uint8Array],
        )),
    ],
    [
      'too many predecessors',
      (raw) =>
        void (raw.p = Array.from(
          { length: MAX_PREDECESSORS + 1 },
          () => raw.p[0] as [Uint8Array, Uint8Array],
        )),
    ],
  ]
  const ring = ringOf(ben)
  await ring.addEpoch(zero.bytes, ada.author.publicKey)
  for (const [name, plant] of plants) {
    const bytes = changed(first, plant as (raw: Raw) => void)
    await expect(ring.addEpoch(bytes, ada.author.publicKey), name).rejects.toMatchObject(invalid)
  }
  for (let length = 0; length < first.bytes.byteLength; length++) {
    const bytes = first.bytes.slice(0, length)
    await expect(ring.addEpoch(bytes, ada.author.publicKey)).rejects.toMatchObject(invalid)
  }
  expect(ring.heads().map(({ id }) => hex(id))).toEqual([hex(zero.id)])
  expect(await ring.addEpoch(first.bytes, ada.author.publicKey)).toBe('open')
})

test(`whatever bytes come, a ring opens the true key or none (seed ${SEED})`, async () => {
  const zero = await announce(ada, [ada, ben])
  const first = await announce(ada, [ada, ben], [held(zero, 0)])
  const mutator = new Mutator(SEED)
  for (let round = 0; round < 400; round++) {
    const ring = ringOf(ben)
    await ring.addEpoch(zero.bytes, ada.author.publicKey)
    const bytes = mutator.mutate([first.bytes, zero.bytes])
    try {
      await ring.addEpoch(bytes, ada.author.publicKey)
    } catch (error) {
      expect(error).toMatchObject(invalid)
    }
    for (const { key } of ring.openKeys()) expect([hex(zero.key), hex(first.key)]).toContain(hex(key))
  }
})

test('a device whose sealing key is of low order is left out, and stops nobody from rotating', async () => {
  const bad = LOW_ORDER_X25519[3] as Uint8Array
  const epoch = await announceEpoch({
    space,
    author: ada.author.publicKey,
    predecessors: [],
    recipients: [bad, ada.sealing.publicKey, ada.sealing.publicKey],
    random,
  })
  expect(epoch.leftOut.map(hex)).toEqual([hex(bad)])
  const ring = ringOf(ada)
  expect(await ring.addEpoch(epoch.bytes, ada.author.publicKey)).toBe('open')
  expect(ring.recipientsOf(epoch.id)).toEqual(new Set([hex(ada.sealing.publicKey)]))
})

test('a thousand devices are sealed to in one announcement of 118 kB, and no more', async () => {
  const many = Array.from({ length: MAX_SEALED_DEVICES - 1 }, () => newDevice(random, space))
  const epoch = await announce(ada, [ada, ...many])
  expect(epoch.bytes.byteLength).toBeLessThan(120_000)
  expect(await ringOf(many.at(-1) as DeviceKeys).addEpoch(epoch.bytes, ada.author.publicKey)).toBe('open')
  await expect(announce(ada, [ada, ...many, ben])).rejects.toMatchObject({ code: 'ERR_LIMIT' })
})

test('an author that announces without end is refused, and the others go on', async () => {
  const ring = ringOf(ben)
  let last = await announce(ada, [ada])
  await ring.addEpoch(last.bytes, ada.author.publicKey)
  for (let depth = 1; depth < 1_024; depth++) {
    last = await announce(ada, [], [{ id: last.id, depth: depth - 1, key: undefined }])
    await ring.addEpoch(last.bytes, ada.author.publicKey)
  }
  const beyond = await announce(ada, [ada], [held(last, 1_023)])
  await expect(ring.addEpoch(beyond.bytes, ada.author.publicKey)).rejects.toMatchObject({ code: 'ERR_LIMIT' })
  const next = await announce(cleo, [ben], [held(last, 1_023)])
  expect(await ring.addEpoch(next.bytes, cleo.author.publicKey)).toBe('open')
  expect(hex(ring.sending()?.id)).toBe(hex(next.id))
})
