/** Does the fetches of the background: some at a time, the more important ones first, again and again until they are done. */
import { asShoalError } from '../answers.ts'
import { ShoalError, isShoalError } from '../../errors.ts'
import type { FetchStateEvent } from '../../events.ts'
import type { Wait } from '../bandwidth/bandwidth.ts'
import { entryOf, forgettable, rank, type Entry } from './fetch-entry.ts'
import type { FetchQueueInit } from './fetch-queue-init.ts'
import { FetchRun, type RunFacts } from './fetch-run.ts'
import { factsAfter, isIdle, passingOf, stateOf, waitingFor, type FetchFacts } from './fetch-state.ts'
import type { FetchJob, Priority } from './job.ts'
import { GIVE_WAY_MS, MAX_ACTIVE_FETCHES, MAX_JOBS, MAX_RUNNING_FETCHES, RETRY_MS } from './limits.ts'

export class FetchQueue {
  readonly #init: FetchQueueInit
  /** In the order in which they came. */
  readonly #entries = new Map<string, Entry>()
  #isStopped = false
  #pause: Wait | undefined

  constructor(init: FetchQueueInit) {
    this.#init = init
  }

  /** Goes on with what was kept, or only tells of it. */
  restore(jobs: readonly FetchJob[], isDone: boolean): void {
    this.#isStopped = !isDone
    for (const job of jobs) this.#entries.set(job.id, entryOf(job))
    this.#schedule()
  }

  /** How each stands, in the order in which they came. */
  list(): FetchStateEvent[] {
    return [...this.#entries.values()].map(({ job, facts }) => stateOf(job, facts))
  }

  /** How one stands. @throws ShoalError ERR_NO_FETCH */
  get(id: string): FetchStateEvent {
    const { job, facts } = this.#entry(id)
    return stateOf(job, facts)
  }

  /** The one that came by a request with this key. */
  byKey(key: string): FetchStateEvent | undefined {
    const entry = [...this.#entries.values()].find(({ job }) => job.key === key)
    return entry && stateOf(entry.job, entry.facts)
  }

  /** Takes one in. When it resolves, it goes on over restarts. @throws ShoalError ERR_LIMIT, and as `store.save` */
  async add(job: FetchJob): Promise<FetchStateEvent> {
    const open = [...this.#entries.values()].filter(({ job: { endedMs } }) => endedMs === null)
    if (open.length >= MAX_JOBS) {
      throw new ShoalError('ERR_LIMIT', `there are ${MAX_JOBS} downloads already that have not ended`)
    }
    const entry = entryOf(job)
    this.#entries.set(job.id, entry)
    try {
      await this.#init.store.save(job)
    } catch (error) {
      this.#entries.delete(job.id)
      throw error
    }
    this.#schedule()
    return this.#tell(entry)
  }

  /** Stops it, and keeps what it brought. One that has ended stays as it is. @throws ShoalError ERR_NO_FETCH */
  async pause(id: string): Promise<FetchStateEvent> {
    return await this.#settle(id, ['active'], { state: 'paused' })
  }

  /** Goes on with one that was paused or has failed. @throws ShoalError ERR_NO_FETCH */
  async resume(id: string): Promise<FetchStateEvent> {
    return await this.#settle(id, ['paused', 'failed'], { state: 'active', error: null, endedMs: null })
  }

  /** Ends it for good; what it brought so far stays in its hidden folder. @throws ShoalError ERR_NO_FETCH */
  async cancel(id: string): Promise<FetchStateEvent> {
    const endedMs = this.#init.seams.clock.now()
    return await this.#settle(id, ['active', 'paused', 'failed'], { state: 'cancelled', endedMs })
  }

  /** @throws ShoalError ERR_NO_FETCH */
  async prioritise(id: string, priority: Priority): Promise<FetchStateEvent> {
    const entry = this.#entry(id)
    await this.#save(entry, { priority })
    this.#schedule()
    return this.#tell(entry)
  }

  /** Lets all wait for as long as this holds; undefined: they go on. What they brought is kept. */
  pauseAll(pause: Wait | undefined): void {
    this.#pause = pause
    if (pause !== undefined) {
      for (const entry of this.#entries.values()) {
        this.#clear(entry)
        void entry.run?.stop()
      }
    }
    this.#schedule()
  }

  /** Ends what runs; it goes on with the next start. */
  async stop(): Promise<void> {
    this.#isStopped = true
    const entries = [...this.#entries.values()]
    for (const entry of entries) this.#clear(entry)
    await Promise.all(entries.map((entry) => this.#leave(entry)))
  }

  /** How far it is is told of it until the next start finds out itself. */
  async #leave({ run, facts, job }: Entry): Promise<void> {
    await run?.stop()
    if (facts === undefined || facts.bytes === job.bytes) return
    await this.#init.store.save({ ...job, bytes: facts.bytes }).catch(() => {})
  }

  /** Keeps the new state first, so that it holds whatever comes between, and then sees to it. */
  async #settle(
    id: string,
    from: readonly FetchJob['state'][],
    changes: Partial<FetchJob>,
  ): Promise<FetchStateEvent> {
    const entry = this.#entry(id)
    if (from.includes(entry.job.state)) {
      await this.#save(entry, { bytes: entry.facts?.bytes ?? entry.job.bytes, ...changes })
      if (entry.job.state !== 'active') await this.#rest(entry)
      this.#tell(entry)
      await this.#forgetOldest()
      this.#schedule()
    }
    return stateOf(entry.job, entry.facts)
  }

  async #rest(entry: Entry): Promise<void> {
    this.#clear(entry)
    await entry.run?.stop()
    entry.facts = undefined
  }

  #clear(entry: Entry): void {
    for (const timer of [entry.retry, entry.yielding]) {
      if (timer !== undefined) this.#init.seams.timers.clear(timer)
    }
    entry.retry = undefined
    entry.yielding = undefined
    entry.givesWay = false
  }

  #schedule(): void {
    if (this.#isStopped) return
    const entries = [...this.#entries.values()]
    const waiting = entries
      .filter(({ job, run, retry }) => job.state === 'active' && run === undefined && retry === undefined)
      .toSorted((a, b) => rank(a) - rank(b))
    if (this.#pause !== undefined) {
      for (const entry of waiting) this.#note(entry, 'waiting', { ...this.#pause, rate: 0, peers: 0 })
      return
    }
    let running = entries.filter(({ run }) => run !== undefined).length
    let active = entries.filter(({ run, givesWay }) => run !== undefined && !givesWay).length
    for (const entry of waiting) {
      if (active >= MAX_ACTIVE_FETCHES || running >= MAX_RUNNING_FETCHES) {
        this.#note(entry, 'queued', waitingFor('queued'))
        continue
      }
      this.#begin(entry)
      running++
      active++
    }
  }

  #begin(entry: Entry): void {
    this.#note(entry, 'running', waitingFor('searching'))
    this.#giveWay(entry)
    const run = new FetchRun({
      job: entry.job,
      priority: () => entry.job.priority,
      fetch: this.#init.fetch,
      onFacts: (facts) => {
        if (entry.run !== run) return
        this.#note(entry, 'running', facts)
        if (isIdle(facts.reason)) this.#giveWay(entry)
        else this.#clear(entry)
      },
      onPlan: ({ name, total }) => {
        if (entry.job.name === name && entry.job.total === total) return
        // What is lost of this is known again with the next attempt.
        this.#save(entry, { name, total }).then(
          () => this.#tell(entry),
          () => {},
        )
      },
    })
    entry.run = run
    void this.#finish(entry, run)
  }

  /** One that finds nobody keeps no other from going on. */
  #giveWay(entry: Entry): void {
    if (entry.givesWay || this.#isStopped) return
    entry.yielding ??= this.#init.seams.timers.set(() => {
      entry.yielding = undefined
      entry.givesWay = true
      this.#schedule()
    }, GIVE_WAY_MS)
  }

  async #finish(entry: Entry, run: FetchRun): Promise<void> {
    const now = (): number => this.#init.seams.clock.now()
    try {
      const { path, bytes, seed } = await run.begin()
      if (entry.job.seed === true) await this.#init.onSeed(entry.job)
      await seed?.stop()
      if (entry.job.state === 'active') {
        await this.#save(entry, { state: 'done', path, bytes, total: bytes, error: null, endedMs: now() })
      }
      entry.facts = undefined
    } catch (error) {
      // The node ends, and with it the queue.
      this.#isStopped ||= isShoalError(error, 'ERR_NODE_STOPPED')
      if (!this.#isStopped && !run.isStopped) {
        await this.#failed(entry, error, now()).catch(() => this.#retry(entry))
      }
    }
    entry.run = undefined
    if (entry.yielding !== undefined) this.#init.seams.timers.clear(entry.yielding)
    entry.yielding = undefined
    entry.givesWay = false
    this.#tell(entry)
    await this.#forgetOldest().catch(() => {})
    this.#schedule()
  }

  async #failed(entry: Entry, error: unknown, nowMs: number): Promise<void> {
    const told = asShoalError(error).toJSON()
    const bytes = entry.facts?.bytes ?? entry.job.bytes
    const passing = passingOf(error, bytes, entry.job.total)
    if (passing === undefined) {
      await this.#save(entry, { state: 'failed', bytes, error: told, endedMs: nowMs })
      entry.facts = undefined
      return
    }
    this.#note(entry, 'waiting', passing)
    this.#retry(entry)
    await this.#save(entry, { bytes, error: told })
  }

  #retry(entry: Entry): void {
    if (this.#isStopped || entry.retry !== undefined) return
    entry.retry = this.#init.seams.timers.set(() => {
      entry.retry = undefined
      this.#schedule()
    }, RETRY_MS)
  }

  /** @throws ShoalError as `store.save`; then nothing has changed */
  async #save(entry: Entry, changes: Partial<FetchJob>): Promise<void> {
    const before = entry.job
    entry.job = { ...before, ...changes }
    try {
      await this.#init.store.save(entry.job)
    } catch (error) {
      const undo = Object.fromEntries(
        Object.keys(changes).map((name) => [name, before[name as keyof FetchJob]]),
      )
      entry.job = { ...entry.job, ...undo }
      throw error
    }
  }

  #note(entry: Entry, state: FetchFacts['state'], facts: Partial<RunFacts>): void {
    const { job, facts: before } = entry
    const slowedBy = (): Wait | undefined => this.#init.slowedBy?.(job.root)
    entry.facts = factsAfter(job, before, { ...facts, state }, slowedBy, this.#init.seams.clock.now())
    this.#tell(entry)
  }

  #tell({ job, facts }: Entry): FetchStateEvent {
    const state = stateOf(job, facts)
    this.#init.onState?.(state)
    return state
  }

  async #forgetOldest(): Promise<void> {
    for (const { job } of forgettable(this.#entries.values())) {
      await this.#init.store.remove(job.id)
      this.#entries.delete(job.id)
      this.#init.onForgotten?.(job.id)
    }
  }

  #entry(id: string): Entry {
    const entry = this.#entries.get(id)
    if (entry === undefined) throw new ShoalError('ERR_NO_FETCH', 'there is no download with that id')
    return entry
  }
}
