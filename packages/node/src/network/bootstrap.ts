/**
 * Keeps this node in touch with the devices through which it joined the network: dials them at the start, and again
 * whenever none of them is connected. Quiet while there is no network at all.
 */
import { delay, type Seams } from '../util/seams.ts'

/** Between two looks at whether one is connected, in milliseconds. */
const LOOK_MS = 1_000
/** Longest pause between two rounds of dials that all failed, in milliseconds; the first is one look. */
const MAX_PAUSE_MS = 30_000

export interface BootstrapInit {
  /** Multiaddrs with peer ids. */
  readonly addresses: readonly string[]
  /** Connects to one; rejects when it does not answer. */
  readonly dial: (address: string, signal: AbortSignal) => Promise<unknown>
  readonly isConnected: (peerId: string) => boolean
  readonly seams: Seams
}

export class Bootstrap {
  readonly #init: BootstrapInit
  readonly #end = new AbortController()
  #running: Promise<void> | undefined

  constructor(init: BootstrapInit) {
    this.#init = init
  }

  /** Returns at once: a start does not wait for the network. */
  start(): void {
    if (this.#init.addresses.length === 0) return
    this.#running ??= this.#run().catch(() => {})
  }

  /** Is one of them connected, or does one answer when all are dialled now? undefined: there are none. */
  async reach(signal: AbortSignal): Promise<boolean | undefined> {
    const { addresses, dial } = this.#init
    if (addresses.length === 0) return undefined
    if (this.#isInTouch()) return true
    const within = AbortSignal.any([signal, this.#end.signal])
    try {
      await Promise.any(addresses.map((address) => dial(address, within)))
      return true
    } catch {
      return false
    }
  }

  async stop(): Promise<void> {
    this.#end.abort(new Error('the node stops'))
    await this.#running
  }

  async #run(): Promise<void> {
    const { seams } = this.#init
    const { signal } = this.#end
    let pauseMs = LOOK_MS
    let nextMs = seams.clock.monotonic()
    while (!signal.aborted) {
      if (this.#isInTouch()) {
        pauseMs = LOOK_MS
        nextMs = seams.clock.monotonic()
      } else if (seams.clock.monotonic() >= nextMs) {
        await this.#dialAll()
        // Without jitter all devices behind a router that comes back would ask at the same moment.
        const jitter = 1 + (seams.random.bytes(1)[0] ?? 0) / 1_024
        nextMs = seams.clock.monotonic() + pauseMs * jitter
        pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)
      }
      await delay(seams.timers, LOOK_MS, signal)
    }
  }

  #isInTouch(): boolean {
    return this.#init.addresses.some((address) => this.#init.isConnected(peerIdOf(address)))
  }

  async #dialAll(): Promise<void> {
    const { addresses, dial } = this.#init
    await Promise.allSettled(addresses.map((address) => dial(address, this.#end.signal)))
  }
}

function peerIdOf(address: string): string {
  return address.slice(address.lastIndexOf('/p2p/') + '/p2p/'.length)
}
