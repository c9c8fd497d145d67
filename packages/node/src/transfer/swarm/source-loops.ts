/** All sources of a hunt, asked at once. */
import type { FoundBy } from '../../events.ts'
import type { LeadSource } from './lead.ts'
import { SourceLoop, type SourceLoopInit } from './source-loop.ts'

export interface SourceLoopsInit extends Omit<SourceLoopInit, 'source' | 'onHeard'> {
  readonly onHeard: (name: FoundBy) => void
  /** Told what a source threw. */
  readonly onFault: (error: unknown) => void
}

export class SourceLoops {
  readonly #init: SourceLoopsInit
  #loops: SourceLoop[] = []

  constructor(init: SourceLoopsInit) {
    this.#init = init
  }

  get isRunning(): boolean {
    return this.#loops.length > 0
  }

  /** They run, and none names anybody else for now. */
  get isThrough(): boolean {
    return this.isRunning && this.#loops.every((loop) => loop.isThrough)
  }

  /** Asks these from now on, and no others. */
  start(sources: readonly LeadSource[]): void {
    this.stop()
    this.#loops = sources.map(
      (source) => new SourceLoop({ ...this.#init, source, onHeard: () => this.#init.onHeard(source.name) }),
    )
    for (const loop of this.#loops) loop.run().catch((error: unknown) => this.#init.onFault(error))
  }

  /** A source knows more than it did. */
  hurry(name: FoundBy): void {
    for (const loop of this.#loops) if (loop.source.name === name) loop.hurry()
  }

  /** Sources that could not ask anybody. */
  unready(): FoundBy[] {
    return this.#loops.filter(({ source }) => source.isReady?.() === false).map(({ source }) => source.name)
  }

  stop(): void {
    for (const loop of this.#loops) loop.stop()
    this.#loops = []
  }
}
