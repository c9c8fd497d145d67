/** One attempt at a fetch: tells how it gets on, and ends when it is done, failed or is stopped. */
import type { FetchEvent, WaitDetail, WaitReason } from '../../events.ts'
import type { FetchOptions, FetchResult } from '../../transfer/fetch-service.ts'
import type { FetchJob, Priority } from './job.ts'

/** How an attempt gets on. */
export interface RunFacts {
  readonly reason: WaitReason | null
  readonly detail: WaitDetail | null
  readonly bytes: number
  readonly rate: number
  readonly peers: number
}

export interface FetchRunInit {
  readonly job: FetchJob
  /** Asked for again and again, since it may be changed meanwhile. */
  readonly priority: () => Priority
  readonly fetch: (link: string, options: FetchOptions) => Promise<FetchResult>
  /** Told of each change. */
  readonly onFacts: (facts: RunFacts) => void
  /** Told once it is known what it will bring. */
  readonly onPlan: (plan: { readonly name: string; readonly total: number }) => void
}

const ALONE: ReadonlySet<WaitReason> = new Set(['searching', 'no-source', 'unreachable', 'offline'])

export class FetchRun {
  readonly #init: FetchRunInit
  readonly #stop = new AbortController()
  #ended: Promise<FetchResult> | undefined
  #facts: RunFacts
  #isOffline = false

  constructor(init: FetchRunInit) {
    this.#init = init
    this.#facts = { reason: 'searching', detail: null, bytes: init.job.bytes, rate: 0, peers: 0 }
  }

  /** Called once. It may tell something before it returns. @throws ShoalError as the node's `fetch` */
  begin(): Promise<FetchResult> {
    const { link, directory, only, overwrite, seed, peers, up, down } = this.#init.job
    const ended = this.#init.fetch(link, {
      directory,
      // It looks for as long as nobody says otherwise.
      waitMs: 0,
      signal: this.#stop.signal,
      onEvent: (event) => this.#onEvent(event),
      priority: this.#init.priority,
      ...(only === undefined ? {} : { only }),
      ...(overwrite === undefined ? {} : { overwrite }),
      ...(seed === undefined ? {} : { seed }),
      ...(peers === undefined ? {} : { peers }),
      ...(up === undefined ? {} : { up }),
      ...(down === undefined ? {} : { down }),
    })
    this.#ended = ended
    return ended
  }

  /** Resolves when it has ended, whichever way. What is verified stays for the next attempt. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#ended?.catch(() => {})
  }

  get isStopped(): boolean {
    return this.#stop.signal.aborted
  }

  #onEvent(event: FetchEvent): void {
    switch (event.type) {
      case 'warning':
        this.#isOffline ||= event.code === 'WARN_OFFLINE'
        if (this.#isOffline) this.#tell({ reason: 'offline', detail: null })
        return
      case 'asking': {
        const reason = event.lastSeen === null ? 'searching' : 'no-source'
        this.#tell({ reason: this.#isOffline ? 'offline' : reason, detail: null, rate: 0, peers: 0 })
        return
      }
      case 'waiting': {
        const { reason, detail } = event
        this.#isOffline = reason === 'offline'
        this.#tell({ reason, detail })
        return
      }
      case 'plan':
        this.#init.onPlan({ name: event.name, total: event.bytes })
        this.#tell({ reason: null, detail: null })
        return
      case 'progress': {
        const { bytes, rate, peers } = event
        // Somebody is there, so there is a network.
        this.#isOffline &&= peers === 0
        this.#tell({
          bytes,
          rate,
          peers,
          ...(peers > 0 && this.#isAlone ? { reason: null, detail: null } : {}),
        })
        return
      }
      case 'files':
      case 'done':
      case 'served':
      case 'receivers':
    }
  }

  /** It was told to wait for want of devices, and now there is one. */
  get #isAlone(): boolean {
    return this.#facts.reason !== null && ALONE.has(this.#facts.reason)
  }

  #tell(facts: Partial<RunFacts>): void {
    this.#facts = { ...this.#facts, ...facts }
    this.#init.onFacts(this.#facts)
  }
}
