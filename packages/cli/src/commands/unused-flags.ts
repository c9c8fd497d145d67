/** Says when a flag has no effect, instead of ignoring it in silence. */
import type { WarningEvent } from '@shoal/node/control'
import { WARNINGS } from '../strings.ts'
import type { NodeFlags, NodeSession } from '../with-node.ts'

export function warnOfUnusedFlags(
  flags: NodeFlags,
  session: NodeSession,
  reporter: { event: (event: WarningEvent) => void },
): void {
  if (session.isOwn || session.isTakeover || flags.peers === undefined) return
  reporter.event({ type: 'warning', code: 'WARN_PEER_UNUSED', message: WARNINGS.peerUnused })
}
