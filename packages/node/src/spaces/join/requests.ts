/** Devices that wait to be let in, until somebody decides: bounded in all, of a space, by an invitation, and one of a device. */
import type { SpaceRequest } from '../../events.ts'
import type { Hex } from '../auth/action.ts'
import type { AskedJoin } from '../host/calls.ts'
import type { AdmitterComparison } from '../invites/comparison.ts'
import { MAX_REQUESTS, MAX_REQUESTS_PER_INVITE, MAX_REQUESTS_PER_SPACE } from './limits.ts'

export type Decision = 'approved' | 'refused' | 'over' | 'gone' | 'late'

export interface WaitingRequest {
  readonly space: Hex
  readonly peer: string
  readonly shown: SpaceRequest
  readonly asked: AskedJoin
  readonly comparison: AdmitterComparison
  /** Resolves what became of it. */
  readonly decided: PromiseWithResolvers<Decision>
  /** While it is being let in. */
  approving?: Promise<void>
}

export class JoinRequests {
  readonly #all = new Map<string, WaitingRequest>()
  readonly #onChange: (space: Hex) => void

  constructor(onChange: (space: Hex) => void) {
    this.#onChange = onChange
  }

  /** False: too many wait. A device that asks again takes the place of its former request. */
  add(request: WaitingRequest): boolean {
    const { space, peer, shown } = request
    const former = this.#of(space).find((other) => other.peer === peer)
    former?.decided.resolve('gone')
    const others = [...this.#all.values()].filter((other) => other !== former)
    const ofSpace = others.filter((other) => other.space === space)
    const byInvite = ofSpace.filter((other) => other.shown.invite === shown.invite)
    const isFull =
      others.length >= MAX_REQUESTS ||
      ofSpace.length >= MAX_REQUESTS_PER_SPACE ||
      byInvite.length >= MAX_REQUESTS_PER_INVITE
    if (former !== undefined) this.#all.delete(former.shown.id)
    if (!isFull) this.#all.set(shown.id, request)
    if (!isFull || former !== undefined) this.#onChange(space)
    return !isFull
  }

  get(space: Hex, id: string): WaitingRequest | undefined {
    const request = this.#all.get(id)
    return request?.space === space ? request : undefined
  }

  delete(request: WaitingRequest): void {
    const { space, shown } = request
    if (this.#all.get(shown.id) === request && this.#all.delete(shown.id)) this.#onChange(space)
  }

  /** In the order in which they asked. */
  list(space: Hex): SpaceRequest[] {
    return this.#of(space).map(({ shown }) => shown)
  }

  #of(space: Hex): WaitingRequest[] {
    return [...this.#all.values()].filter((request) => request.space === space)
  }
}
