/** Hands bytes to a client as fast as it takes them, and hangs up on one that takes none for too long. */
import type { ServerResponse } from 'node:http'
import type { Timers } from '../../util/seams.ts'
import { send } from '../operation.ts'
import { SLICE_BYTES, TAKE_TIMEOUT_MS } from './limits.ts'

/** Resolves when the client has taken enough to be sent more, or is gone. */
export async function give(response: ServerResponse, bytes: Uint8Array, timers: Timers): Promise<void> {
  for (let from = 0; from < bytes.byteLength && !response.destroyed; from += SLICE_BYTES) {
    const taken = send(response, bytes.subarray(from, from + SLICE_BYTES))
    if (taken === undefined) continue
    const timer = timers.set(() => response.destroy(), TAKE_TIMEOUT_MS)
    await taken
    timers.clear(timer)
  }
}
