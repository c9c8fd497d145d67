/** Rounds of reading back, in virtual time: when they begin, what of them goes on, and what is told. */
import { expect, test } from 'vitest'
import { RETRY_MS, ROUND_MS, ROUND_RATE, START_DELAY_MS } from '../../../src/control/scrub/limits.ts'
import { ScrubRounds } from '../../../src/control/scrub/scrub-rounds.ts'
import { ShoalError } from '../../../src/errors.ts'
import type { WarningEvent } from '../../../src/events.ts'
import type { ScrubOptions } from '../../../src/transfer/scrub-service.ts'
import { Simulation } from '../../helpers/simulation.ts'

const RESULT = { shares: 0, bytes: 0, damaged: 0, repaired: 0 }

function world(shares: readonly number[] = [1, 2, 3]) {
  const simulation = new Simulation(1)
  const files = new Map<string, Uint8Array>()
  const scrubbed: number[] = []
  const warnings: WarningEvent[] = []
  const given: ScrubOptions[] = []
  /** Share at which it fails or stops for good. */
  let failsAt = Number.POSITIVE_INFINITY
  const begin = (): ScrubRounds => {
    const rounds = new ScrubRounds({
      scrubs: {
        scrub: async (options, { after, onShare }) => {
          given.push(options)
          for (const seq of shares) {
            options.signal?.throwIfAborted()
            if (seq <= after) continue
            if (seq >= failsAt) throw new ShoalError('ERR_DISK', 'the disk is gone')
            scrubbed.push(seq)
            await onShare(seq)
          }
          return RESULT
        },
      },
      file: 'scrub.json',
      disk: {
        readWhole: async (path) => files.get(path),
        replaceFile: async (path, bytes) => void files.set(path, bytes),
      },
      seams: simulation.seams,
      onWarning: (warning) => warnings.push(warning),
    })
    rounds.start()
    return rounds
  }
  return {
    begin,
    files,
    scrubbed,
    warnings,
    given,
    fail: (seq: number) => void (failsAt = seq),
    pass: (ms: number) => simulation.pass(ms),
  }
}

test('a round begins a while after the start, reads at a rate, and the next one comes in its time', async () => {
  const { begin, scrubbed, given, pass } = world()
  begin()
  await pass(START_DELAY_MS - 1)
  expect(scrubbed).toEqual([])
  await pass(1)
  expect(scrubbed).toEqual([1, 2, 3])
  expect(given[0]).toMatchObject({ rate: ROUND_RATE })
  await pass(ROUND_MS - START_DELAY_MS)
  expect(scrubbed).toEqual([1, 2, 3])
  await pass(2 * START_DELAY_MS)
  expect(scrubbed).toEqual([1, 2, 3, 1, 2, 3])
})

test('a node that is started again goes on where the round was, and begins none before its time', async () => {
  const { begin, scrubbed, warnings, fail, pass } = world()
  fail(3)
  const first = begin()
  await pass(START_DELAY_MS)
  expect(scrubbed).toEqual([1, 2])
  expect(warnings).toMatchObject([{ code: 'WARN_NOT_SCRUBBED', message: expect.stringContaining('is gone') }])
  await first.stop()
  fail(Number.POSITIVE_INFINITY)
  const second = begin()
  await pass(START_DELAY_MS)
  expect(scrubbed).toEqual([1, 2, 3])
  await second.stop()
  begin()
  await pass(ROUND_MS / 2)
  expect(scrubbed).toEqual([1, 2, 3])
})

test('after a failure it tries again, and a record that is none begins anew', async () => {
  const { begin, scrubbed, files, fail, pass } = world()
  files.set('scrub.json', Buffer.from('{'))
  fail(2)
  begin()
  await pass(START_DELAY_MS)
  expect(scrubbed).toEqual([1])
  fail(Number.POSITIVE_INFINITY)
  await pass(RETRY_MS)
  expect(scrubbed).toEqual([1, 2, 3])
})

test('what is damaged is told, repaired or not; how far it is, is not', async () => {
  const { begin, warnings, given, pass } = world()
  begin()
  await pass(START_DELAY_MS)
  const tell = given[0]?.onEvent
  tell?.({ type: 'scrub', root: 'r', name: 'n', bytes: 1, total: 2 })
  tell?.({ type: 'damaged', root: 'r', path: 'sea.jpg', blocks: 2, repaired: 2 })
  tell?.({ type: 'damaged', root: 'r', path: 'sky\u001b.jpg', blocks: 3, repaired: 1 })
  tell?.({ type: 'warning', code: 'WARN_NOT_REPAIRED', message: 'x' })
  expect(warnings).toMatchObject([
    { code: 'WARN_DAMAGED', message: expect.stringContaining('sea.jpg was damaged') },
    { code: 'WARN_DAMAGED', message: expect.stringMatching(/^sky\\u\{1b\}\.jpg .* 2 parts of it are lost$/) },
    { code: 'WARN_NOT_REPAIRED' },
  ])
})

test('it stops at once, and does not begin after it was stopped', async () => {
  const { begin, scrubbed, pass } = world()
  await begin().stop()
  await pass(10 * START_DELAY_MS)
  expect(scrubbed).toEqual([])
})
