/** What the ledger grants, refuses and lets go, whoever asks at the same time. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Ledger } from '../../../src/store/quota/ledger.ts'
import type { CountedUnit, Evictable } from '../../../src/store/quota/parts.ts'

const seed = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)

interface Kept {
  bytes: number
  usedMs: number
  isPinned: boolean
}

/** A disk with what lies on it, and a ledger of it. `pause` is where others come between. */
function world(quota: number, pause: () => Promise<void> = async () => {}) {
  const disk = new Map<string, Kept>()
  const evicted: string[] = []
  const faults: string[] = []
  const tried = new Set<string>()
  /** How many write to each, as the ledger is told. */
  const busy = new Map<string, number>()
  let counts = 0
  const ledger = new Ledger(quota)
  async function* evictable(): AsyncGenerator<Evictable> {
    await pause()
    const mayGo = [...disk].filter(([, { isPinned }]) => !isPinned)
    const order = mayGo.toSorted(([, a], [, b]) => a.usedMs - b.usedMs).map(([unit]) => unit)
    /** What the ledger could have taken before. */
    const offered: string[] = []
    for (const unit of order) {
      if ((busy.get(unit) ?? 0) === 0) offered.push(unit)
      yield {
        unit,
        evict: async () => {
          const before = offered.filter((each) => order.indexOf(each) < order.indexOf(unit))
          const skipped = before.filter((each) => !tried.has(each) && disk.has(each))
          if (skipped.length > 0) faults.push(`${unit} went before ${skipped.join()}`)
          tried.add(unit)
          await pause()
          if (disk.get(unit)?.isPinned !== false) return false
          disk.delete(unit)
          evicted.push(unit)
          ledger.removed(unit)
          return true
        },
      }
    }
  }
  ledger.use({
    counted: [
      {
        count: async () => {
          counts++
          const found: CountedUnit[] = []
          for (const [unit, { bytes }] of disk) {
            found.push({ unit, present: bytes, promised: 0 })
            await pause()
          }
          return found
        },
        measure: async (unit) => {
          const bytes = disk.get(unit)?.bytes ?? 0
          await pause()
          return bytes
        },
      },
    ],
    evictors: [{ evictable }],
  })
  const put = (unit: string, bytes: number, facts: Partial<Kept> = {}): void =>
    void disk.set(unit, { usedMs: 0, isPinned: false, ...facts, bytes })
  const used = (): number => [...disk.values()].reduce((sum, { bytes }) => sum + bytes, 0)
  return { ledger, disk, busy, evicted, faults, put, used, counts: () => counts }
}

/** Writes so many bytes to a unit, a few at a time. */
async function write(
  { ledger, put, disk }: ReturnType<typeof world>,
  unit: string,
  pieces: readonly number[],
): Promise<void> {
  const writing = ledger.write(unit)
  const before = disk.get(unit)?.bytes ?? 0
  let added = 0
  try {
    for (const bytes of pieces) {
      await writing.grow(bytes)
      added += bytes
      put(unit, before + added, { isPinned: true })
    }
  } finally {
    await writing.end(added)
  }
}

describe('the quota', () => {
  test('may be used to the last byte, and not by one more', async () => {
    const w = world(100)
    await write(w, 'a', [60, 40])
    await expect(write(w, 'b', [1])).rejects.toMatchObject({
      code: 'ERR_QUOTA',
      message: 'Shoal may use 100 B of this disk and 100 B are used: 1 B do not fit',
    })
    await write(w, 'b', [0])
    expect(await w.ledger.status()).toEqual({ quota: 100, used: 100, reserved: 0, evictable: 0, free: 0 })
  })

  test('of nothing is none', async () => {
    const w = world(0)
    await write(w, 'a', [Number.MAX_SAFE_INTEGER])
    expect(w.counts()).toBe(0)
    expect(await w.ledger.status()).toMatchObject({ used: Number.MAX_SAFE_INTEGER, free: null })
  })

  test('counts what the disk has, once, and only when it is asked for', async () => {
    const w = world(100)
    w.put('a', 70, { isPinned: true })
    expect(w.counts()).toBe(0)
    await write(w, 'b', [30])
    await expect(write(w, 'c', [1])).rejects.toMatchObject({ code: 'ERR_QUOTA' })
    expect(w.counts()).toBe(1)
  })

  test('that is lowered lets what may go, and refuses the rest', async () => {
    const w = world(0)
    w.put('old', 30, { usedMs: 1 })
    w.put('new', 30, { usedMs: 2 })
    w.put('pinned', 40, { isPinned: true })
    expect(await w.ledger.setQuota(70)).toBe(true)
    expect(w.evicted).toEqual(['old'])
    expect(await w.ledger.setQuota(39)).toBe(false)
    expect(w.evicted).toEqual(['old', 'new'])
    await expect(write(w, 'b', [1])).rejects.toMatchObject({ code: 'ERR_QUOTA' })
    expect(await w.ledger.setQuota(40)).toBe(true)
    expect(await w.ledger.setQuota(0)).toBe(true)
    await write(w, 'b', [1_000])
  })
})

describe('where there is no room', () => {
  test('what was used longest ago goes first, and no more than needed', async () => {
    const w = world(100)
    w.put('third', 30, { usedMs: 3 })
    w.put('first', 30, { usedMs: 1 })
    w.put('second', 30, { usedMs: 2 })
    await write(w, 'a', [11])
    expect(w.evicted).toEqual(['first'])
    await write(w, 'b', [29])
    expect(w.evicted).toEqual(['first'])
    await write(w, 'c', [31])
    expect(w.evicted).toEqual(['first', 'second', 'third'])
  })

  test('nothing goes for what would not fit all the same', async () => {
    const w = world(100)
    w.put('old', 30)
    w.put('pinned', 60, { isPinned: true })
    await expect(write(w, 'a', [41])).rejects.toMatchObject({ code: 'ERR_QUOTA' })
    expect(w.evicted).toEqual([])
    await write(w, 'a', [40])
    expect(w.evicted).toEqual(['old'])
  })

  test('what is being written to stays', async () => {
    const w = world(100)
    w.put('a', 60)
    const writing = w.ledger.write('a')
    await expect(write(w, 'b', [50])).rejects.toMatchObject({ code: 'ERR_QUOTA' })
    await writing.end(0)
    await write(w, 'b', [50])
    expect(w.evicted).toEqual(['a'])
  })

  test('what cannot be removed counts as it did', async () => {
    const w = world(100)
    w.put('a', 100)
    w.ledger.use({
      counted: [{ count: async () => [{ unit: 'a', present: 100, promised: 0 }], measure: async () => 0 }],
      evictors: [
        {
          evictable: async function* () {
            yield { unit: 'a', evict: () => Promise.reject(new Error('the disk fails')) }
          },
        },
      ],
    })
    await expect(write(w, 'b', [1])).rejects.toMatchObject({ code: 'ERR_QUOTA' })
    expect(await w.ledger.status()).toMatchObject({ used: 100 })
  })
})

describe('what is promised', () => {
  test('is kept free for who it was promised to, and not taken twice', async () => {
    const w = world(100)
    await w.ledger.promise('a', 60)
    await expect(write(w, 'b', [41])).rejects.toMatchObject({ code: 'ERR_QUOTA' })
    await expect(w.ledger.promise('b', 41)).rejects.toMatchObject({ code: 'ERR_QUOTA' })
    expect(await w.ledger.status()).toMatchObject({ used: 0, reserved: 60, free: 40 })
    await write(w, 'b', [40])
    await write(w, 'a', [20])
    await write(w, 'a', [40])
    expect(await w.ledger.status()).toMatchObject({ used: 100, reserved: 0, free: 0 })
  })

  test('is free again when no more is to come', async () => {
    const w = world(100)
    await w.ledger.promise('a', 60)
    await write(w, 'a', [20])
    w.ledger.fulfil('a')
    await write(w, 'b', [80])
    w.ledger.removed('a')
    expect(await w.ledger.status()).toMatchObject({ used: 80, reserved: 0, free: 20 })
  })
})

test('one that cannot be counted is refused, and counted anew by the next', async () => {
  const ledger = new Ledger(100)
  let fails = true
  ledger.use({
    counted: [
      {
        count: async () => {
          if (fails) throw new Error('the disk fails')
          return [{ unit: 'a', present: 40, promised: 0 }]
        },
        measure: async () => 60,
      },
    ],
    evictors: [],
  })
  const writing = ledger.write('b')
  await expect(writing.grow(1)).rejects.toThrow('the disk fails')
  fails = false
  await expect(writing.grow(61)).rejects.toMatchObject({ code: 'ERR_QUOTA' })
  await writing.grow(60)
  await writing.end(60)
  expect(await ledger.status()).toMatchObject({ used: 100, reserved: 0 })
})

test('who begins to write while it is counted, and ends before or after, is counted once', async () => {
  for (const isEarly of [true, false]) {
    const turns: (() => void)[] = []
    const w = world(0, () => new Promise((resolve) => void turns.push(resolve)))
    w.put('a', 10)
    const counting = w.ledger.status()
    const writing = w.ledger.write('b')
    await writing.grow(20)
    w.put('b', 20)
    const pass = async (): Promise<void> => {
      for (let i = 0; i < 50; i++) {
        for (const turn of turns.splice(0)) turn()
        await Promise.resolve()
      }
    }
    if (!isEarly) await pass()
    const ended = writing.end(20)
    await pass()
    await ended
    await counting
    const known = w.ledger.status()
    await pass()
    expect((await known).used).toBe(30)
  }
})

test('what comes to be free by itself meanwhile is not made free once more', async () => {
  let pauses = -Infinity
  const w = world(100, async () => {
    // The first is before it is looked for what may go, the second before the first of it goes.
    if (++pauses !== 2) return
    w.disk.delete('pinned')
    w.ledger.removed('pinned')
  })
  w.put('pinned', 40, { isPinned: true })
  w.put('first', 30, { usedMs: 1 })
  w.put('second', 30, { usedMs: 2 })
  await w.ledger.status()
  pauses = 0
  await write(w, 'a', [50])
  expect(w.evicted).toEqual(['first'])
})

const piece = fc.integer({ min: 0, max: 40 })
const unit = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const step = fc.oneof(
  fc.record({ do: fc.constant('write' as const), unit, pieces: fc.array(piece, { maxLength: 4 }) }),
  fc.record({ do: fc.constant('promise' as const), unit, bytes: piece }),
  fc.record({ do: fc.constant('fulfil' as const), unit }),
  fc.record({ do: fc.constant('remove' as const), unit }),
  fc.record({ do: fc.constant('pin' as const), unit, isPinned: fc.boolean() }),
  fc.record({ do: fc.constant('use' as const), unit, usedMs: fc.integer({ min: 0, max: 100 }) }),
  fc.record({ do: fc.constant('status' as const) }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function count(counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by)
}

/** Writers of one unit add to what the others of it did. */
function player(w: ReturnType<typeof world>, pause: () => Promise<void>, check: () => void) {
  const { ledger, disk, busy, put } = w
  /** How many write to each now: the owner of the disk does not remove it. */
  const writers = new Map<string, number>()
  const writeTo = async (name: string, pieces: readonly number[]): Promise<void> => {
    const writing = ledger.write(name)
    count(writers, name, 1)
    count(busy, name, 1)
    let added = 0
    try {
      for (const bytes of pieces) {
        await writing.grow(bytes)
        await pause()
        const before = disk.get(name)
        put(name, (before?.bytes ?? 0) + bytes, before ?? {})
        added += bytes
        check()
        await pause()
      }
    } finally {
      count(writers, name, -1)
      await writing.end(added)
      count(busy, name, -1)
    }
  }
  return async (each: Step): Promise<void> => {
    await pause()
    switch (each.do) {
      case 'write':
        await writeTo(each.unit, each.pieces)
        break
      case 'promise':
        await ledger.promise(each.unit, each.bytes)
        break
      case 'fulfil':
        ledger.fulfil(each.unit)
        break
      case 'remove':
        // Whoever removes something sees to it that nobody writes to it.
        if ((writers.get(each.unit) ?? 0) === 0) {
          disk.delete(each.unit)
          ledger.removed(each.unit)
        }
        break
      case 'pin': {
        const kept = disk.get(each.unit)
        if (kept !== undefined) kept.isPinned = each.isPinned
        break
      }
      case 'use': {
        const kept = disk.get(each.unit)
        if (kept !== undefined) kept.usedMs = each.usedMs
        break
      }
      case 'status':
        expect((await ledger.status()).used).toBeGreaterThanOrEqual(0)
    }
  }
}

test(`whatever is done at once, no more than the quota is used, and the order is kept (seed ${seed})`, async () => {
  let refused = 0
  let gone = 0
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.integer({ min: 0, max: 100 }),
      fc.array(step, { maxLength: 30 }),
      async (scheduler, before, steps) => {
        const pause = (): Promise<void> => scheduler.schedule(Promise.resolve())
        const w = world(100, pause)
        w.put('before', before, { isPinned: before % 2 === 0 })
        const pinned: (readonly [string, Kept])[] = []
        const check = (): void => expect(w.used()).toBeLessThanOrEqual(100)
        const play = player(w, pause, check)
        const played = steps.map((each) =>
          play(each).catch((error: unknown) => {
            expect(error).toMatchObject({ code: 'ERR_QUOTA' })
            refused++
          }),
        )
        await scheduler.waitFor(Promise.all(played))
        for (const each of w.disk) if (each[1].isPinned) pinned.push(each)
        check()
        expect(w.faults).toEqual([])
        gone += w.evicted.length
        // What the ledger says when nobody writes is what lies there.
        const status = await scheduler.waitFor(w.ledger.status())
        expect(status.used).toBe(w.used())
        expect(status.used + status.reserved).toBeLessThanOrEqual(100)
      },
    ),
    { seed, numRuns: 1_000 },
  )
  expect([refused > 0, gone > 0]).toEqual([true, true])
})

test(`of a quota that is set while others write, the ledger knows what lies there (seed ${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(step, { maxLength: 20 }),
      fc.array(fc.integer({ min: 0, max: 150 }), { maxLength: 5 }),
      async (scheduler, steps, quotas) => {
        const pause = (): Promise<void> => scheduler.schedule(Promise.resolve())
        const w = world(0, pause)
        const play = player(w, pause, () => {})
        const set = async (quota: number): Promise<void> => {
          await pause()
          await w.ledger.setQuota(quota)
        }
        const work = [...steps.map((each) => play(each)), ...quotas.map((quota) => set(quota))]
        await scheduler.waitFor(Promise.allSettled(work))
        const { used, reserved } = await scheduler.waitFor(w.ledger.status())
        expect(used).toBe(w.used())
        expect(reserved).toBeGreaterThanOrEqual(0)
      },
    ),
    { seed, numRuns: 1_000 },
  )
})
