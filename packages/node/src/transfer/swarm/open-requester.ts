/** From a lead to an open session: connects, and has the other side prove that it knows the root. */
import type { CID } from 'multiformats/cid'
import { ShoalError } from '../../errors.ts'
import type { Seams } from '../../util/seams.ts'
import { DeclinedError } from './declined-error.ts'
import type { Lead } from './lead.ts'
import type { TransferLimits } from '../limits.ts'
import type { TransferCounts } from '../transfer-counts.ts'
import { Requester } from '../wire/requester.ts'
import { Session } from '../wire/session.ts'

export interface OpenRequesterInit {
  readonly root: CID
  readonly seams: Seams
  readonly limits: TransferLimits
  readonly counts?: TransferCounts | undefined
  /** Why there is to be no session with the peer that was connected to. */
  readonly refuse: (peer: string) => Error | undefined
  /** Told of a peer with which the handshake came to nothing. */
  readonly onFailed: (peer: string) => void
  /** Told who said that it does not have the root. */
  readonly onDeclined?: ((peer: string) => void) | undefined
}

/** There is a session with that peer already. */
export class DuplicateError extends ShoalError {
  constructor() {
    super('ERR_NO_PROVIDER', 'this device is connected already')
  }
}

export interface OpenedRequester {
  readonly requester: Requester
  /** How long the handshake took, in milliseconds. */
  readonly handshakeMs: number
}

/** @throws DeclinedError; ShoalError ERR_NO_PROVIDER, ERR_PROTOCOL; what `refuse` gives; the signal's reason */
export async function openRequester(
  init: OpenRequesterInit,
  lead: Lead,
  signal: AbortSignal,
): Promise<OpenedRequester> {
  const { limits, seams, root, counts } = init
  const channel = await lead.connect(signal)
  const peer = channel.remoteName
  const refused = init.refuse(peer)
  if (refused !== undefined) {
    channel.abort(refused)
    throw refused
  }
  const startedMs = seams.clock.monotonic()
  const session = Session.open({ channel, limits, seams, counts }, root)
  const requester = new Requester({ session, limits, seams })
  session.attach(requester)
  const onAbort = (): void => session.fail(signal.reason as Error)
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  try {
    await session.opened
    return { requester, handshakeMs: seams.clock.monotonic() - startedMs }
  } catch (error) {
    init.onFailed(peer)
    if (session.byeReason !== 'unknown') throw error
    init.onDeclined?.(peer)
    throw new DeclinedError(error)
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
