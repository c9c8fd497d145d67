/** The log of changes: numbers, gaps, and what is left of events that later ones replace. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EventLog } from '../../../src/control/events/event-log.ts'
import type { ChangeEvent, GapEvent, GoneEvent } from '../../../src/events.ts'
import { systemSeams } from '../../../src/util/system.ts'

const event = (id: string, kind: GoneEvent['kind'] = 'fetch'): GoneEvent => ({ type: 'gone', kind, id })
const seed = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_122)
const log = (most = 100): EventLog => new EventLog(systemSeams.random, most)

/** Everything that is there to be told now. */
async function told(from: EventLog, lastId: string | undefined): Promise<(ChangeEvent | GapEvent)[]> {
  const stop = new AbortController()
  const events: (ChangeEvent | GapEvent)[] = []
  const reading = (async () => {
    for await (const one of from.after(lastId, stop.signal)) events.push(one)
  })()
  // It has told what there is when it waits, which takes it no timer.
  await new Promise((resolve) => setImmediate(resolve))
  stop.abort()
  await reading
  return events
}

const names = (events: readonly (ChangeEvent | GapEvent)[]): string[] =>
  events.map((one) => (one.type === 'gap' ? 'gap' : (one.event as GoneEvent).id))

/** To compare what was put in in different orders. */
const sorted = (things: ReadonlyMap<string, GoneEvent>): [string, GoneEvent][] =>
  [...things].toSorted(([a], [b]) => a.localeCompare(b))

test('who knows nothing is told of a gap first, and then of what comes', async () => {
  const changes = log()
  changes.append('a', event('before'))
  const stop = new AbortController()
  const reader = changes.after(undefined, stop.signal)
  expect(await reader.next()).toEqual({ done: false, value: { type: 'gap', id: changes.lastId } })
  const next = reader.next()
  changes.append('b', event('after'))
  expect(await next).toEqual({
    done: false,
    value: { type: 'change', id: changes.lastId, event: event('after') },
  })
  const last = reader.next()
  stop.abort()
  expect(await last).toMatchObject({ done: true })
})

test('who knows an event is told of everything after it, once', async () => {
  const changes = log()
  changes.append('a', event('a'))
  const known = changes.lastId
  changes.append('b', event('b'))
  changes.append('c', event('c'))
  expect(names(await told(changes, known))).toEqual(['b', 'c'])
  expect(await told(changes, changes.lastId)).toEqual([])
})

test('of a thing that changed again the last event is told, under its own number', async () => {
  const changes = log()
  const known = changes.lastId
  changes.append('a', event('first'))
  changes.append('b', event('other'))
  changes.append('a', event('second'))
  const events = await told(changes, known)
  expect(names(events)).toEqual(['other', 'second'])
  expect(events.map(({ id }) => Number(id.split('-')[1]))).toEqual([2, 3])
})

test('what says nothing new is not told', async () => {
  const changes = log()
  changes.append('a', event('a'))
  const known = changes.lastId
  changes.append('a', event('a'))
  expect(changes.lastId).toBe(known)
})

test('what is forgotten is told to nobody and leaves no gap', async () => {
  const changes = log()
  const known = changes.lastId
  changes.append('a', event('a'))
  changes.append('b', event('b'))
  changes.forget('a')
  expect(changes.find('a')).toBeUndefined()
  expect(changes.find('b')).toEqual(event('b'))
  expect(names(await told(changes, known))).toEqual(['b'])
})

describe('a gap is told', () => {
  test('where more things changed than it keeps', async () => {
    const changes = log(2)
    const known = changes.lastId
    for (const name of ['a', 'b', 'c']) changes.append(name, event(name))
    expect(await told(changes, known)).toEqual([{ type: 'gap', id: changes.lastId }])
  })

  test.each([
    ['of another start of the node', () => log().lastId],
    ['that is yet to come', (id: string) => `${id}0`],
    ['that is none', () => 'x'],
    ['with a number that is none', (id: string) => id.replace(/-.*/, '-1e3')],
  ])('to who knows an event %s', async (_name, idOf) => {
    const changes = log()
    changes.append('a', event('a'))
    expect(names(await told(changes, idOf(changes.lastId)))).toEqual(['gap'])
  })
})

test(`one that reads slowly misses nothing that it is not told of (seed ${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          fc.record({ key: fc.integer({ min: 0, max: 9 }), value: fc.integer({ min: 0, max: 3 }) }),
          fc.constant('read' as const),
        ),
        { maxLength: 60 },
      ),
      fc.integer({ min: 1, max: 12 }),
      async (steps, most) => {
        const changes = log(most)
        const stop = new AbortController()
        const reader = changes.after(changes.lastId, stop.signal)
        const truth = new Map<string, GoneEvent>()
        const seen = new Map<string, GoneEvent>()
        const see = ({ value }: IteratorResult<ChangeEvent | GapEvent>): void => {
          // A gap has it look at everything anew.
          if (value?.type === 'gap') for (const [key, one] of truth) seen.set(key, one)
          else if (value !== undefined) {
            const one = value.event as GoneEvent
            seen.set(one.id.split('=')[0] as string, one)
          }
        }
        let ids = 0
        for (const step of steps) {
          if (step === 'read') {
            // There is something to read, or it would wait for ever.
            if (JSON.stringify(sorted(seen)) !== JSON.stringify(sorted(truth))) {
              const before = ids
              const next = await reader.next()
              ids = Number(next.value?.id.split('-')[1])
              expect(ids).toBeGreaterThan(before)
              see(next)
            }
          } else {
            const one = event(`${step.key}=${step.value}`)
            truth.set(String(step.key), one)
            changes.append(String(step.key), one)
          }
        }
        while (changes.lastId.split('-')[1] !== String(ids) && changes.lastId.split('-')[1] !== '0') {
          const next = await reader.next()
          ids = Number(next.value?.id.split('-')[1])
          see(next)
        }
        expect(sorted(seen)).toEqual(sorted(truth))
        stop.abort()
        await reader.return(undefined)
      },
    ),
    { seed },
  )
})
