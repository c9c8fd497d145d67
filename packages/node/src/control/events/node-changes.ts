/** Enters into the log what changes in a node: each thing under a key of its own, always as it now stands. */
import type {
  ChangeEvent,
  FetchStateEvent,
  GapEvent,
  GoneEvent,
  ReceiversEvent,
  ServedEvent,
  SpaceRequest,
  StatusEvent,
  WarningEvent,
} from '../../events.ts'
import type { KnownShare } from '../../transfer/known-share.ts'
import type { Seams, TimerHandle } from '../../util/seams.ts'
import { Turns } from '../../util/turns.ts'
import type { ConfigAnswer } from '../config/settings.ts'
import { MAX_LOG_EVENTS, STATUS_INTERVAL_MS } from '../limits.ts'
import { EventLog } from './event-log.ts'

export interface NodeChangesInit {
  readonly seams: Seams
  readonly status: () => StatusEvent
  /** The share of a root that the home knows: of several one that is served, if any is. */
  readonly shareOf: (root: string) => Promise<KnownShare | undefined>
}

export class NodeChanges {
  readonly #init: NodeChangesInit
  readonly #log: EventLog
  readonly #turns = new Turns()
  /** Roots of which shares are being removed to make room. */
  readonly #evicted = new Set<string>()
  #warnings = 0
  /** How often something of a space changed, by its id. */
  readonly #touched = new Map<string, number>()
  #watchers = 0
  #timer: TimerHandle | undefined
  /** As it was told last, but for what changes by itself. */
  #status = ''

  constructor(init: NodeChangesInit) {
    this.#init = init
    this.#log = new EventLog(init.seams.random, MAX_LOG_EVENTS)
  }

  get lastId(): string {
    return this.#log.lastId
  }

  /** As `EventLog.after`. While somebody listens, the status is looked at. */
  async *after(lastId: string | undefined, signal: AbortSignal): AsyncGenerator<ChangeEvent | GapEvent> {
    this.#watchers++
    try {
      if (this.#watchers === 1) this.#lookAtStatus()
      yield* this.#log.after(lastId, signal)
    } finally {
      this.#watchers--
      if (this.#watchers === 0 && this.#timer !== undefined) {
        this.#init.seams.timers.clear(this.#timer)
        this.#timer = undefined
      }
    }
  }

  /** Who gets each share that is served now, as far as it was told. */
  receivers(roots: Iterable<string>): ReceiversEvent[] {
    return [...roots].flatMap((root) => {
      const event = this.#log.find(`receivers:${root}`)
      return event?.type === 'receivers' ? [event] : []
    })
  }

  onFetch(event: FetchStateEvent): void {
    this.#log.append(`fetch:${event.id}`, event)
  }

  onFetchForgotten(id: string): void {
    this.#log.append(`fetch:${id}`, { type: 'gone', kind: 'fetch', id })
  }

  /** Something became of the shares of a root. What it is, is looked up, since it may have changed again until then. */
  onShare(root: string): void {
    void this.#turns.run(root, undefined, async () => {
      const share = await this.#init.shareOf(root).catch(() => null)
      // A node that stops has closed its index, and nobody is left to be told.
      if (share === null) return
      this.#log.append(
        `share:${root}`,
        share === undefined ? this.#goneShare(root) : { type: 'share', ...share },
      )
      if (share?.state === 'stopped' || share === undefined) {
        this.#log.forget(`served:${root}`)
        this.#log.forget(`receivers:${root}`)
      }
    })
  }

  /** Shares of a root are about to be removed to make room, or were. */
  onEvict(root: string, stage: 'begins' | 'done'): void {
    this.#evicted.add(root)
    if (stage === 'begins') return
    this.onShare(root)
    void this.#turns.run(root, undefined, async () => void this.#evicted.delete(root))
  }

  onServing(event: ServedEvent | ReceiversEvent): void {
    this.#log.append(`${event.type}:${event.root}`, event)
  }

  /** Something in a space changed, or who is in it. */
  onSpace(space: string): void {
    const number = (this.#touched.get(space) ?? 0) + 1
    this.#touched.set(space, number)
    this.#log.append(`touched:${space}`, { type: 'touched', space, number })
  }

  /** Another device asks to be let into a space, or one no more. */
  onRequests(space: string, requests: readonly SpaceRequest[]): void {
    this.#log.append(`requests:${space}`, { type: 'requests', space, requests })
  }

  onWarning(event: WarningEvent): void {
    this.#log.append(`warning:${this.#warnings++}`, event)
  }

  onConfig({ settings, warnings }: ConfigAnswer): void {
    for (const setting of settings) this.#log.append(`config:${setting.key}`, setting)
    for (const warning of warnings) this.onWarning(warning)
  }

  #goneShare(root: string): GoneEvent {
    return { type: 'gone', kind: 'share', id: root, ...(this.#evicted.has(root) ? { why: 'quota' } : {}) }
  }

  #lookAtStatus(): void {
    const event = this.#init.status()
    const { uptime: _, loop, ...lasting } = event
    const text = JSON.stringify([lasting, loop.shedding])
    if (text !== this.#status) this.#log.append('status', event)
    this.#status = text
    this.#timer = this.#init.seams.timers.set(() => this.#lookAtStatus(), STATUS_INTERVAL_MS)
  }
}
