import { expect, test } from 'vitest'
import type { Hex } from '../../../src/spaces/auth/action.ts'
import { AuthLog } from '../../../src/spaces/auth/log.ts'
import type { Operation } from '../../../src/spaces/auth/operation.ts'
import { dataJudge, type DataJudge, type JudgedBatch, type Verdict } from '../../../src/spaces/auth/view.ts'
import type { Device } from '../../helpers/auth.ts'
import { seededFloats } from '../../helpers/simulation.ts'
import { Space, admit, anna, ben, carol, dan, digestOf, eve, founder, remove, setRole } from './space.ts'

const SCHEDULES = Number(process.env['SHOAL_AUTH_SCHEDULES'] ?? 2_000)
const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_122)

let serial = 0
function batch(author: Device, authHeads: readonly Operation[], ...parents: JudgedBatch[]): JudgedBatch {
  return {
    id: digestOf(`batch ${serial++}`),
    author: author.key,
    authHeads: authHeads.map((it) => it.id),
    parents: parents.map((it) => it.id),
  }
}

/** A replica: a log and the batches that it was given, each judged again when the log says so. */
class Replica {
  readonly log: AuthLog
  readonly #view: DataJudge
  readonly #batches = new Map<Hex, JudgedBatch>()
  readonly verdicts = new Map<Hex, Verdict>()

  constructor(space: Space) {
    this.log = new AuthLog(space.id)
    this.log.add(space.genesis)
    this.#view = dataJudge(this.log, (id) => this.#batches.get(id))
  }

  take(item: Operation | JudgedBatch): void {
    if ('action' in item) this.log.add(item)
    else if (item.parents.every((id) => this.#batches.has(id))) this.#judge(item)
    this.#again()
  }

  #judge(item: JudgedBatch): void {
    this.verdicts.set(item.id, this.#view.judge(item))
    this.#batches.set(item.id, item)
  }

  #again(): void {
    const { authors, isNewKnown } = this.#view.changed()
    for (const [id, item] of this.#batches) {
      if (authors.has(item.author) || (isNewKnown && this.verdicts.get(id) === 'wait')) this.#judge(item)
    }
    if (authors.size > 0) this.#again()
  }
}

function writers(): { space: Space; base: Operation } {
  const space = new Space()
  space.by(founder, admit(anna))
  space.by(founder, admit(ben))
  return { space, base: space.by(founder, admit(dan, 'write')) }
}

test('data counts if its author could write when it wrote', () => {
  const { space, base } = writers()
  const reading = space.by(anna, admit(eve, 'read'))
  const replica = new Replica(space)
  for (const it of space.all) replica.take(it)
  const good = batch(dan, [base])
  const early = batch(dan, [space.genesis])
  const reader = batch(eve, [reading])
  const stranger = batch(carol, [reading])
  for (const it of [good, early, reader, stranger]) replica.take(it)
  expect(replica.verdicts.get(good.id)).toBe('ok')
  for (const it of [early, reader, stranger])
    expect(replica.verdicts.get(it.id)).toEqual({ refused: 'no-power' })
})

test('data that cites operations which are not here waits for them', () => {
  const { space, base } = writers()
  const replica = new Replica(space)
  const item = batch(dan, [base])
  replica.take(item)
  expect(replica.verdicts.get(item.id)).toBe('wait')
  for (const it of space.all.toReversed()) replica.take(it)
  expect(replica.verdicts.get(item.id)).toBe('ok')
})

test('of a removed member counts what its removal pins and what stands before that, whenever it comes', () => {
  const { space, base } = writers()
  const first = batch(dan, [base])
  const between = batch(anna, [base], first)
  const second = batch(dan, [base], between)
  const unseen = batch(dan, [base], second)
  const backDated = batch(dan, [base], first)
  const removal = space.by(anna, remove(dan, [second.id]), base)
  const after = batch(dan, [removal], unseen)
  const data = [first, between, second, unseen, backDated, after]
  for (const order of [
    [...space.all, ...data],
    [...data, ...space.all],
    [...space.all.slice(0, -1), ...data, removal],
  ]) {
    const replica = new Replica(space)
    for (const it of order) replica.take(it)
    for (const it of [first, between, second]) expect(replica.verdicts.get(it.id)).toBe('ok')
    for (const it of [unseen, backDated, after])
      expect(replica.verdicts.get(it.id)).toEqual({ refused: 'removed' })
  }
})

test('data of a demoted writer is pinned likewise, and it may still read', () => {
  const { space, base } = writers()
  const known = batch(dan, [base])
  const late = batch(dan, [base], known)
  space.by(anna, setRole(dan, 'read', [known.id]))
  const replica = new Replica(space)
  for (const it of [...space.all, known, late]) replica.take(it)
  expect([known, late].map((it) => replica.verdicts.get(it.id))).toEqual(['ok', { refused: 'removed' }])
  expect(replica.log.state.members.get(dan.key)?.role).toBe('read')
})

test('who is taken in again writes on; what did not count before still does not', () => {
  const { space, base } = writers()
  const lost = batch(dan, [base])
  space.by(anna, remove(dan))
  const again = space.by(anna, admit(dan, 'write'))
  const fresh = batch(dan, [again], lost)
  const replica = new Replica(space)
  for (const it of [...space.all, lost, fresh]) replica.take(it)
  expect([lost, fresh].map((it) => replica.verdicts.get(it.id))).toEqual([{ refused: 'removed' }, 'ok'])
})

test('data of who was taken in by a manager that was removed at the same time does not count', () => {
  const { space, base } = writers()
  const taken = space.by(ben, admit(eve, 'write'), base)
  const item = batch(eve, [taken])
  const replica = new Replica(space)
  for (const it of [...space.all, item]) replica.take(it)
  expect(replica.verdicts.get(item.id)).toBe('ok')
  replica.take(space.by(anna, remove(ben), base))
  expect(replica.verdicts.get(item.id)).toEqual({ refused: 'no-power' })
})

test(`in ${SCHEDULES} random schedules nothing back-dated by a removed member counts (seed ${SEED})`, () => {
  const float = seededFloats(SEED)
  const below = (limit: number): number => Math.floor(float() * limit)
  let [counted, refused] = [0, 0]
  for (let run = 0; run < SCHEDULES; run++) {
    const { space, base } = writers()
    const honest = [batch(ben, [base])]
    for (let i = below(3); i > 0; i--) honest.push(batch(ben, [base], honest.at(-1) as JudgedBatch))
    const earlier = space.by(ben, admit(carol, 'write'), base)
    // What the removed one does against its remover is left out: managers who remove each other are both out.
    const remover = below(2) === 0 ? founder : anna
    const pin = honest[below(honest.length)] as JudgedBatch
    const removal = space.by(remover, remove(ben, [pin.id]), earlier)
    const acts: Operation[] = []
    const late: JudgedBatch[] = []
    for (let i = 1 + below(6); i > 0; i--) {
      const known = [base, earlier, removal, ...acts][below(3 + acts.length)] as Operation
      const what = [admit(eve), remove(dan), setRole(dan, 'manage'), admit(ben), remove(founder)][below(5)]
      acts.push(space.by(ben, what as ReturnType<typeof admit>, known))
      const parents = [honest.at(-1), ...late.slice(-1)] as JudgedBatch[]
      late.push(batch([ben, eve][below(2)] as Device, [known], parents[below(parents.length)] as JudgedBatch))
    }
    const kept = honest.slice(0, honest.indexOf(pin) + 1)
    const replicas = [0, 1].map(() => {
      const replica = new Replica(space)
      const mixed = [...space.all, ...honest, ...late].map((it) => ({ it, at: float() }))
      for (const { it } of mixed.toSorted((a, b) => a.at - b.at)) if ('action' in it) safely(replica, it)
      for (const it of [...honest, ...late]) replica.take(it)
      // Data that came first, operations later, and some twice.
      for (const { it } of mixed.filter(() => below(3) === 0)) {
        if ('action' in it) safely(replica, it)
        else replica.take(it)
      }
      for (const it of space.all) safely(replica, it)
      return replica
    })
    for (const replica of replicas) {
      const { state } = replica.log
      expect([...state.members.keys()].toSorted()).toEqual(
        [founder, anna, dan, carol].map((it) => it.key).toSorted(),
      )
      for (const it of acts) if (replica.log.has(it.id)) expect(state.voided.has(it.id)).toBe(true)
      for (const it of honest) expect(replica.verdicts.get(it.id) === 'ok').toBe(kept.includes(it))
      for (const it of late) expect(replica.verdicts.get(it.id)).not.toBe('ok')
      counted += kept.length
      refused += late.length
    }
  }
  console.log(`${counted} batches counted, ${refused} back-dated ones did not`)
  expect(Math.min(counted, refused)).toBeGreaterThan(SCHEDULES)
})

/** Operations by who was never taken in are refused at the door. */
function safely(replica: Replica, operation: Operation): void {
  try {
    replica.take(operation)
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_PROTOCOL' })
  }
}
