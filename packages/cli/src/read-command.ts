/** What commands that only read what a link names have in common, and what every command says of the search. */
import type { Context } from './context.ts'
import { Interrupted } from './failure.ts'
import { limitsOf, startNode, withNode, type NodeFlags, type NodeSession } from './with-node.ts'

/** How providers are looked for and how fast what they have may come, as a request says it. */
export function searchOf({ node, waitMs }: { node: NodeFlags; waitMs: number | undefined }): {
  waitMs?: number
  peers?: string[]
  up?: number
  down?: number
} {
  const { peers } = node
  return {
    ...(waitMs === undefined ? {} : { waitMs }),
    ...(peers === undefined ? {} : { peers: [...peers] }),
    ...limitsOf(node),
  }
}

export interface ReadCommand {
  readonly flags: NodeFlags
  /** Again with another node when the one that ran it ended. */
  readonly work: (session: NodeSession) => Promise<void>
  /** Whether `work` came to its end. */
  readonly isComplete: () => boolean
  /** What is said, and advised, when the user stops it before. */
  readonly interrupted: readonly [message: string, hint: string]
}

/** Counts what was told: after the node that ran a command ended, another begins anew, with the same in the same order. */
export class Told<T> {
  readonly #counts: (event: T) => boolean
  #count = 0

  /** @param counts what comes again with another node; the rest is always told */
  constructor(counts: (event: T) => boolean = () => true) {
    this.#counts = counts
  }

  /** What was not told before. */
  async *from(events: AsyncIterable<T>): AsyncGenerator<T> {
    let seen = 0
    for await (const event of events) {
      if (this.#counts(event) && ++seen <= this.#count) continue
      this.#count = Math.max(this.#count, seen)
      yield event
    }
  }
}

/** @throws Interrupted when the user stops it before it is complete */
export async function runToEnd(context: Context, command: ReadCommand): Promise<void> {
  const { stop, output } = context
  const { flags, work, isComplete, interrupted } = command
  try {
    await withNode({ ...context, flags, signal: stop, start: startNode }, work)
  } catch (error) {
    if (!stop.aborted || isComplete()) throw error
  }
  // A reader that had enough, such as `head`, ends the command as well; that is no fault.
  if (!isComplete() && output.stdout.fault === undefined) throw new Interrupted(...interrupted)
}
