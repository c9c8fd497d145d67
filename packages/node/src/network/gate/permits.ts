/** Addresses that the user, a link or this network's own discovery named: dialled whatever their range. */
import { multiaddr } from '@multiformats/multiaddr'

/** Most that one permit grows by what its names resolve to. */
const MAX_RESOLVED = 64

class Permit implements Disposable {
  readonly #addresses: Set<string>
  readonly #onEnd: (permit: Permit) => void

  constructor(addresses: readonly string[], onEnd: (permit: Permit) => void) {
    this.#addresses = new Set(addresses.map(canonical))
    this.#onEnd = onEnd
  }

  /** An address that was permitted without a peer id is permitted with any. */
  covers(address: string): boolean {
    return this.#addresses.has(address) || this.#addresses.has(address.replace(/\/p2p\/[^/]+$/, ''))
  }

  add(addresses: readonly string[]): void {
    for (const address of addresses.slice(0, MAX_RESOLVED)) this.#addresses.add(canonical(address))
  }

  [Symbol.dispose](): void {
    this.#onEnd(this)
  }
}

export class Permits {
  readonly #live = new Set<Permit>()

  /** Permits exactly these multiaddrs until it is disposed of. */
  grant(addresses: readonly string[]): Disposable {
    const permit = new Permit(addresses, (ended) => this.#live.delete(ended))
    this.#live.add(permit)
    return permit
  }

  has(address: string): boolean {
    for (const permit of this.#live) if (permit.covers(address)) return true
    return false
  }

  /** What a permitted `/dnsaddr` stands for is permitted with it. */
  extend(address: string, resolved: readonly string[]): void {
    for (const permit of this.#live) if (permit.covers(address)) permit.add(resolved)
  }
}

/** As the library writes it; what is no address is permitted as it stands and never asked for. */
function canonical(address: string): string {
  try {
    return multiaddr(address).toString()
  } catch {
    return address
  }
}
