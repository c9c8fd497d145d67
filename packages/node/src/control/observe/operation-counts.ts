/** Operations of a node: how many run, and how those ended that did. */

export const OPERATION_KINDS = ['share', 'fetch', 'list', 'read', 'verify', 'scrub'] as const
export type OperationKind = (typeof OPERATION_KINDS)[number]
/** `stopped`: whoever began it, or the end of the node, ended it. */
export type OperationResult = 'done' | 'failed' | 'stopped'

interface Tally {
  running: number
  readonly ended: Record<OperationResult, number>
}

export class OperationCounts {
  readonly #tallies = new Map(
    OPERATION_KINDS.map((kind): [OperationKind, Tally] => [
      kind,
      { running: 0, ended: { done: 0, failed: 0, stopped: 0 } },
    ]),
  )

  begun(kind: OperationKind): void {
    this.#of(kind).running++
  }

  ended(kind: OperationKind, result: OperationResult): void {
    const tally = this.#of(kind)
    tally.running--
    tally.ended[result]++
  }

  get all(): ReadonlyMap<OperationKind, Readonly<Tally>> {
    return this.#tallies
  }

  #of(kind: OperationKind): Tally {
    return this.#tallies.get(kind) as Tally
  }
}
