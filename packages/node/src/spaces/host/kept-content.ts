/** Serves what is in the spaces of this home and is shared from it, for as long as it is in one of them; also after a restart. */
import { isShoalError } from '../../errors.ts'
import type { WarningEvent } from '../../events.ts'
import type { ServeOptions, Share } from '../../transfer/share-options.ts'
import { escapeForDisplay } from '../../util/display.ts'
import { Turns } from '../../util/turns.ts'
import type { SpaceHost } from './space-host.ts'

export interface KeptContentInit {
  readonly host: SpaceHost
  readonly serve: (root: string, options: ServeOptions) => Promise<Share>
  /** Which of these roots this home shares or shared. */
  readonly known: (roots: readonly string[]) => Promise<ReadonlySet<string>>
  readonly onWarning: (warning: WarningEvent) => void
}

const TURN = 'kept'

export class KeptContent {
  readonly #init: KeptContentInit
  readonly #kept = new Map<string, Share>()
  /** A root is not to be let go of while it is being put into a space. */
  readonly #turns = new Turns()
  #isStopped = false

  constructor(init: KeptContentInit) {
    this.#init = init
  }

  /** Runs `work`, which puts a root into a space; it is served from before then on. What is in none after it is not. */
  async keeping<T>(root: string, work: () => Promise<T>): Promise<T> {
    return await this.#turns.run(TURN, undefined, async () => {
      await this.keep(root)
      try {
        return await work()
      } finally {
        // Where it cannot be said now what is in no space, it is the next time.
        await this.#letGo().catch(() => {})
      }
    })
  }

  /** @throws ShoalError ERR_NOT_SHARED and as `ShoalNode.serve` */
  async keep(root: string): Promise<void> {
    if (this.#kept.has(root)) return
    const onEvent = (event: { type: string }): void => {
      if (event.type === 'warning') this.#init.onWarning(event as WarningEvent)
    }
    const share = await this.#init.serve(root, { onEvent })
    this.#kept.set(root, share)
    void share.ended.then(() => {
      if (this.#kept.get(root) === share) this.#kept.delete(root)
    })
  }

  /** Serves again what is in the spaces, as far as this home has it. */
  async restore(): Promise<void> {
    const { host, known, onWarning } = this.#init
    const roots = await known((await host.call('roots', {})).roots)
    for (const root of roots) {
      if (this.#isStopped) return
      if (this.#kept.has(root)) continue
      try {
        // oxlint-disable-next-line no-await-in-loop -- Nobody waits for it, and others want the disk too.
        await this.#turns.run(TURN, undefined, () => this.keep(root))
      } catch (error) {
        if (isShoalError(error, 'ERR_NOT_SHARED') || isShoalError(error, 'ERR_NODE_STOPPED')) continue
        const why = error instanceof Error ? error.message : String(error)
        const message = `the share ${root}, which is in a space, cannot be kept up: ${escapeForDisplay(why)}`
        onWarning({ type: 'warning', code: 'WARN_SHARE_NOT_KEPT', message })
      }
    }
  }

  /** Ends serving of what is in no space any more. */
  async review(): Promise<void> {
    await this.#turns.run(TURN, undefined, () => this.#letGo())
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  /** Ends none of them: they end with the node. */
  stop(): void {
    this.#isStopped = true
  }

  async #letGo(): Promise<void> {
    if (this.#kept.size === 0) return
    const answer = await this.#init.host.call('roots', {})
    // What is in a space that cannot be read now may be any of them.
    if (!answer.isWhole) return
    const used = new Set(answer.roots)
    for (const [root, share] of this.#kept) {
      if (used.has(root)) continue
      this.#kept.delete(root)
      // oxlint-disable-next-line no-await-in-loop -- One after the other.
      await share.stop()
    }
  }
}
