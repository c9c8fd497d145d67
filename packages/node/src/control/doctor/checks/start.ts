/** Does Shoal run on this home? */
import type { ShoalError } from '../../../errors.ts'
import type { NodeFacts } from '../facts.ts'
import { ok, problem, type Verdict } from '../finding.ts'

export function checkStart({ status }: Pick<NodeFacts, 'status'>): Verdict {
  const { daemon, network, uptime } = status()
  // Of another command, or only for this look at it: nobody who runs none is to think that one goes on.
  const where = daemon ? 'it runs in the background' : 'it starts and answers'
  return ok(`${where}, in the network ${network}`, {
    running: true,
    daemon,
    network,
    seconds: Math.floor(uptime),
    code: null,
  })
}

/** It could not be started, or did not answer; what depends on it is not looked at. */
export function notRunning({ code, message, hint }: Pick<ShoalError, 'code' | 'message' | 'hint'>): Verdict {
  return problem(`it does not run: ${message}`, hint, {
    running: false,
    daemon: null,
    network: null,
    seconds: null,
    code,
  })
}
