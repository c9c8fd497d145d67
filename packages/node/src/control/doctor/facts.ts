/** What checks are told: everything that they look at, so that each can be tried with facts made up. */
import type { PeerEvent, SharedEvent, StatusEvent } from '../../events.ts'
import type { LanState } from '../../network/lan/lan.ts'
import type { Interfaces } from '../../network/interfaces.ts'
import type { AddressFact } from '../../network/own-addresses.ts'
import type { Clock, Timers } from '../../util/seams.ts'

export interface HomeFacts {
  readonly isFolder: boolean
  /** Whether it belongs to the user that runs Shoal; null: this system does not tell. */
  readonly isOwn: boolean | null
  /** Permission bits; null: this system has none. */
  readonly mode: number | null
  readonly isWritable: boolean
  /** Kind of network file system that it lies on; null: on none that is known. */
  readonly networkFileSystem: string | null
}

export interface OpenFiles {
  /** How many files and connections this process may have open; null: this system sets no bound or does not tell. */
  readonly most: number | null
  /** How many it has open; null: this system does not tell. */
  readonly now: number | null
}

/** Of this machine and this process: told without a node, too. */
export interface MachineFacts {
  readonly home: string
  readonly node: string
  readonly sqlite: string | undefined
  readonly homeFacts: () => Promise<HomeFacts>
  /** Bytes that this user may still write where the home lies. */
  readonly freeBytes: () => Promise<number>
  readonly openFiles: () => Promise<OpenFiles>
}

/** Of the node that runs. */
export interface NodeFacts {
  readonly status: () => StatusEvent
  readonly interfaces: Interfaces
  readonly addresses: () => readonly AddressFact[]
  readonly peers: () => Promise<readonly PeerEvent[]>
  /** Does one of the devices answer through which the network is joined? undefined: there are none. */
  readonly reachBootstrap: (signal: AbortSignal) => Promise<boolean | undefined>
  /** undefined: the local network is not looked at. */
  readonly localState: () => LanState | undefined
  /** What is shared now or stale. */
  readonly shares: (signal: AbortSignal) => AsyncIterable<Pick<SharedEvent, 'state'>>
}

export interface Looking {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly timers: Timers
  readonly signal: AbortSignal
}
