/** Keeps shares up over restarts: each is served again as it was recorded, until it is unshared or what was agreed is reached. */
import { ShoalError, isShoalError } from '../../errors.ts'
import type { WarningEvent } from '../../events.ts'
import type { ServeOptions, Share } from '../../transfer/share-options.ts'
import { escapeForDisplay } from '../../util/display.ts'
import { keepNewest } from '../../util/keep-newest.ts'
import type { Seams, TimerHandle } from '../../util/seams.ts'
import type { ShareJob } from './job.ts'
import { MAX_JOBS } from './limits.ts'

/** The longest time that a timer can wait, in milliseconds. */
const MAX_TIMER_MS = 2_147_483_647

export interface ShareKeeperInit {
  readonly serve: (root: string, options: ServeOptions) => Promise<Share>
  readonly store: {
    save: (job: ShareJob) => Promise<void>
    remove: (id: string) => Promise<void>
  }
  readonly onWarning: (warning: WarningEvent) => void
  readonly seams: Pick<Seams, 'clock' | 'timers'>
}

interface Kept {
  readonly job: ShareJob
  readonly share: Share
  timer: TimerHandle | undefined
}

export class ShareKeeper {
  readonly #init: ShareKeeperInit
  /** By root: one is kept up once. */
  readonly #kept = new Map<string, Kept>()
  /** Roots by the keys of the requests, those that are yet to be served among them. */
  readonly #keys = new Map<string, string>()
  /** Roots of what was kept and is yet to be served, or cannot be now. */
  readonly #waiting = new Set<string>()
  #isStopped = false

  constructor(init: ShareKeeperInit) {
    this.#init = init
  }

  /** Serves what was kept, one after the other; what is over or gone is forgotten. */
  async restore(jobs: readonly ShareJob[]): Promise<void> {
    for (const job of jobs) {
      this.#learn(job)
      this.#waiting.add(job.root)
    }
    for (const job of jobs) {
      if (this.#isStopped) return
      try {
        if (job.untilMs !== undefined && job.untilMs <= this.#init.seams.clock.now()) {
          await this.#init.store.remove(job.id)
        } else {
          await this.#restore(job)
        }
        this.#waiting.delete(job.root)
      } catch (error) {
        await this.#onFault(job, error)
      }
    }
  }

  async #restore(job: ShareJob): Promise<void> {
    const share = await this.#init.serve(job.root, limitsOf(job))
    if (!this.#kept.has(job.root)) {
      this.#hold(job, share)
      return
    }
    // Somebody has asked for it anew meanwhile.
    await share.stop()
    await this.#init.store.remove(job.id)
  }

  /**
   * Keeps a share up that is served now. When it resolves, that goes on over restarts, and the caller may stop its own. What was
   * kept of the same root before holds no longer.
   *
   * @throws ShoalError ERR_LIMIT, and as `store.save` and `serve`
   */
  async keep(job: ShareJob): Promise<void> {
    if (!this.#kept.has(job.root) && this.#kept.size >= MAX_JOBS) {
      throw new ShoalError('ERR_LIMIT', `there are ${MAX_JOBS} shares already that go on by themselves`)
    }
    const share = await this.#init.serve(job.root, limitsOf(job))
    try {
      await this.#init.store.save(job)
    } catch (error) {
      await share.stop()
      throw error
    }
    this.#learn(job)
    const before = this.#kept.get(job.root)
    this.#hold(job, share)
    if (before === undefined) return
    this.#let(before)
    await this.#init.store.remove(before.job.id)
    await before.share.stop()
  }

  /** The root of what was asked for by a request with this key. */
  rootOf(key: string): string | undefined {
    return this.#keys.get(key)
  }

  /** Roots of everything that is kept up, or is to be. */
  get roots(): ReadonlySet<string> {
    return new Set([...this.#kept.keys(), ...this.#waiting])
  }

  /** Ends no share: they end with the node, and are served again at its next start. */
  stop(): void {
    this.#isStopped = true
    for (const kept of this.#kept.values()) this.#let(kept)
  }

  #learn({ key, root }: ShareJob): void {
    if (key === undefined) return
    this.#keys.set(key, root)
    keepNewest(this.#keys, MAX_JOBS)
  }

  #hold(job: ShareJob, share: Share): void {
    const kept: Kept = { job, share, timer: undefined }
    this.#kept.set(job.root, kept)
    this.#await(kept)
    void share.ended.then(async (how) => {
      this.#let(kept)
      if (how === 'stopped' || this.#kept.get(job.root) !== kept) return
      this.#kept.delete(job.root)
      await this.#init.store.remove(job.id).catch((error: unknown) => this.#warn(job, error))
    })
  }

  #await(kept: Kept): void {
    const { untilMs } = kept.job
    const { clock, timers } = this.#init.seams
    if (untilMs === undefined || this.#isStopped) return
    const leftMs = Math.max(0, untilMs - clock.now())
    kept.timer = timers.set(
      () => (untilMs > clock.now() ? this.#await(kept) : void this.#expire(kept)),
      Math.min(leftMs, MAX_TIMER_MS),
    )
  }

  async #expire({ job, share }: Kept): Promise<void> {
    this.#kept.delete(job.root)
    await this.#init.store.remove(job.id).catch((error: unknown) => this.#warn(job, error))
    await share.stop()
  }

  #let(kept: Kept): void {
    if (kept.timer !== undefined) this.#init.seams.timers.clear(kept.timer)
    kept.timer = undefined
  }

  async #onFault(job: ShareJob, error: unknown): Promise<void> {
    if (isShoalError(error, 'ERR_NODE_STOPPED')) return
    // It was unshared while nobody kept it up.
    if (isShoalError(error, 'ERR_NOT_SHARED')) {
      this.#waiting.delete(job.root)
      await this.#init.store.remove(job.id).catch(() => {})
    } else {
      this.#warn(job, error)
    }
  }

  #warn({ root }: ShareJob, error: unknown): void {
    const why = error instanceof Error ? error.message : String(error)
    const message = `the share ${root} cannot be kept up: ${escapeForDisplay(why)}`
    this.#init.onWarning({ type: 'warning', code: 'WARN_SHARE_NOT_KEPT', message })
  }
}

function limitsOf({ up, down, times }: ShareJob): ServeOptions {
  return {
    ...(up === undefined ? {} : { up }),
    ...(down === undefined ? {} : { down }),
    ...(times === undefined ? {} : { times }),
  }
}
