/** What a process of the soak is told and answers. */

/** Of one process, at a moment when nothing is asked of its nodes. */
export interface Sample {
  /** Bytes: resident; on the heap after its garbage was collected; in buffers. */
  readonly rss: number
  readonly heap: number
  readonly external: number
  /** Open descriptors: those of sockets, and all others. */
  readonly sockets: number
  readonly files: number
  /** Timers and other things that keep the loop alive. */
  readonly timers: number
  readonly handles: number
  /** Bytes of the longest write-ahead log. */
  readonly wal: number
  /** Peers connected, summed over the nodes. */
  readonly connected: number
  /** How late the loop runs, in milliseconds. */
  readonly late: number
  /** Newcomers turned away since the nodes were started. */
  readonly shed: number
}

type Body =
  | { readonly do: 'start'; readonly node: number; readonly bootstrap: readonly string[] }
  | { readonly do: 'stop'; readonly node: number }
  | { readonly do: 'sample'; readonly nodes: readonly number[] }

export type Order = Body & { readonly id: number }

export interface Answer {
  readonly id: number
  readonly value?: unknown
  readonly error?: string
}

export type OrderBody = Body
