/** Which devices are known as members of one space, or as none any more: what the thread of the spaces has, for a while. */
import type { Seams } from '../../util/seams.ts'
import type { Hex } from '../auth/action.ts'
import type { KnownDevice } from '../host/sync-call-types.ts'
import { MAX_MET_ADDRESSES } from '../storage/limits.ts'
import type { MetDevice } from '../storage/met-devices.ts'
import type { SyncCaller } from './handshake.ts'
import { BELIEVE_MS } from './limits.ts'

export class KnownMembers {
  readonly #space: Hex
  readonly #host: SyncCaller
  readonly #clock: Seams['clock']
  #devices: Promise<ReadonlyMap<string, KnownDevice>> | undefined
  #readMs = 0

  constructor(space: Hex, host: SyncCaller, clock: Seams['clock']) {
    this.#space = space
    this.#host = host
    this.#clock = clock
  }

  /** By peer id. Does not reject: of a space that cannot be opened nobody is known. */
  devices(): Promise<ReadonlyMap<string, KnownDevice>> {
    const nowMs = this.#clock.monotonic()
    if (this.#devices === undefined || nowMs - this.#readMs > BELIEVE_MS) {
      this.#readMs = nowMs
      this.#devices = this.#host.call('syncKnown', { space: this.#space }).then(byPeer, () => new Map())
    }
    return this.#devices
  }

  /** Something may be otherwise now. */
  forget(): void {
    this.#devices = undefined
  }

  /** Notes where a member was met, unless that is known. Where it was before it may be again. */
  async met({ author, peerId, addresses: now }: MetDevice): Promise<void> {
    const before = (await this.devices()).get(peerId)
    const former = before?.author === author ? before.addresses : []
    const addresses = [...new Set([...now, ...former])].slice(0, MAX_MET_ADDRESSES)
    const isSame = before?.author === author && former.join() === addresses.join()
    if (isSame && before.isMember) return
    await this.#host.call('syncMet', { space: this.#space, author, peerId, addresses })
    this.forget()
  }
}

/** A device that was brought back has another author key than before: the one that is a member counts. */
function byPeer(devices: readonly KnownDevice[]): Map<string, KnownDevice> {
  const known = new Map<string, KnownDevice>()
  for (const device of devices)
    if (known.get(device.peerId)?.isMember !== true) known.set(device.peerId, device)
  return known
}
