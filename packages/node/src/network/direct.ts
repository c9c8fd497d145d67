import type { Connection } from '@libp2p/interface'

const RELAYED = /\/p2p-circuit(\/|$)/

/** Whether a connection goes to the other device itself, and not by way of a third one that passes it on. */
export function isDirect({ limits, remoteAddr }: Pick<Connection, 'limits' | 'remoteAddr'>): boolean {
  return limits === undefined && !RELAYED.test(remoteAddr.toString())
}
