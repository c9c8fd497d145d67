/** One caller for whom something is served: told what goes out, until the caller stops it or what was agreed is reached. */
import type { ReceiversEvent, ServedEvent } from '../../events.ts'
import type { ContentSource } from '../../store/content-source.ts'
import { Paced } from '../../util/rate.ts'
import type { Seams } from '../../util/seams.ts'
import { Deliveries } from './deliveries.ts'
import { ReceiverWatch } from './receiver-watch.ts'
import type { UploadService } from './upload-service.ts'

/** Between two `served` events, or two `receivers`, in milliseconds. */
const SERVED_INTERVAL_MS = 1_000
/** Longest that a share which ends by itself waits for those who got everything to go, in milliseconds. */
const LINGER_MS = 10_000

export type HoldingEnd = 'delivered' | 'stopped' | 'removed'

export interface HoldingInit {
  readonly source: ContentSource
  readonly uploads: UploadService
  readonly seams: Seams
  readonly onServed: (event: ServedEvent | ReceiversEvent) => void
  /** Ends serving for this caller. */
  readonly onStop: () => Promise<void>
  /** Bytes that were sent of the root before those that count. @defaultValue all until now */
  readonly sentBefore?: number
  /** Has followed since before who gets it; ends with this. @defaultValue who gets it is followed from now on */
  readonly watch?: ReceiverWatch | undefined
  /** Stop when so many devices got every block. @defaultValue however many do */
  readonly times?: number
  readonly signal?: AbortSignal
}

export class Holding {
  readonly ended: Promise<HoldingEnd>
  readonly #init: HoldingInit
  readonly #served: Paced<[number, number]>
  readonly #told: Paced<undefined>
  readonly #end: (how: HoldingEnd) => void
  readonly #cleanUps: (() => void)[] = []
  readonly #sentBefore: number
  /** So many devices as were asked for got every block. */
  #isDelivered = false
  readonly #watch: ReceiverWatch
  #stopped: Promise<void> | undefined

  constructor(init: HoldingInit) {
    this.#init = init
    const { source, uploads, seams, onServed } = init
    const root = source.root.toString()
    this.#sentBefore = init.sentBefore ?? uploads.served(root).bytes
    this.#served = new Paced<[number, number]>(seams, SERVED_INTERVAL_MS, ([bytes, peers]) => {
      onServed({ type: 'served', root, bytes, peers })
    })
    this.#watch = init.watch ?? new ReceiverWatch({ source, uploads, clock: seams.clock })
    this.#told = new Paced<undefined>(seams, SERVED_INTERVAL_MS, () => {
      const facts = this.#watch.facts()
      if (facts === undefined) return
      onServed({ type: 'receivers', root, ...facts })
      // Speeds fall when nothing happens any more.
      if (facts.active.some(({ rate }) => rate > 0)) this.#told.tell(undefined)
    })
    const { promise, resolve } = Promise.withResolvers<HoldingEnd>()
    this.ended = promise
    this.#end = resolve
  }

  /** Begins to tell, and to count. */
  begin(): void {
    const { source, uploads, signal, times } = this.#init
    if (this.#stopped !== undefined) return
    const root = source.root.toString()
    const tell = ({ bytes, peers }: { bytes: number; peers: number }): void => {
      this.#served.tell([Math.max(0, bytes - this.#sentBefore), peers])
    }
    this.#cleanUps.push(uploads.onServed((of, facts) => of === root && tell(facts)))
    const facts = uploads.served(root)
    if (facts.bytes > this.#sentBefore || facts.peers > 0) tell(facts)
    if (this.#init.watch === undefined) this.#watch.begin()
    this.#watch.onChange = () => this.#told.tell(undefined)
    if (this.#watch.facts() !== undefined) this.#told.tell(undefined)
    if (times !== undefined) this.#countTo(times, root)
    const onAbort = (): void => void this.stop()
    signal?.addEventListener('abort', onAbort, { once: true })
    this.#cleanUps.push(() => signal?.removeEventListener('abort', onAbort))
    if (signal?.aborted === true) onAbort()
  }

  readonly stop = (): Promise<void> => (this.#stopped ??= this.#stop())

  /** Somebody else ended it for everybody. */
  removed(): void {
    this.#finish('removed')
  }

  async #stop(): Promise<void> {
    await this.#init.onStop()
    this.#finish(this.#isDelivered ? 'delivered' : 'stopped')
  }

  #finish(how: HoldingEnd): void {
    for (const step of this.#cleanUps.splice(0)) step()
    this.#watch.end()
    this.#served.flush()
    this.#told.flush()
    this.#told.cancel()
    this.#end(how)
  }

  #countTo(times: number, root: string): void {
    const deliveries = new Deliveries(this.#init.source, times)
    const stopCounting = this.#init.uploads.onBlock((of, peer, block) => {
      if (of !== root) return
      deliveries.note(peer, block)
      if (!deliveries.isReached) return
      stopCounting()
      this.#isDelivered = true
      this.#leave(root, deliveries.complete)
    })
    this.#cleanUps.push(stopCounting)
  }

  /** Stops when those who got everything have gone: what was sent may not have arrived yet. */
  #leave(root: string, complete: ReadonlySet<string>): void {
    const { uploads, seams } = this.#init
    const check = (): void => {
      const connected = uploads.peersOf(root)
      if (![...complete].some((peer) => connected.has(peer))) void this.stop()
    }
    const timer = seams.timers.set(() => void this.stop(), LINGER_MS)
    this.#cleanUps.push(
      () => seams.timers.clear(timer),
      uploads.onServed((of) => of === root && check()),
    )
    check()
  }
}
