/** Ways to a provider, for tests that bring their own. */
import type { Channel } from '../../src/network/channel.ts'
import type { LeadParts, LeadSource } from '../../src/transfer/swarm/lead.ts'
import { SourceReport } from '../../src/transfer/swarm/source-report.ts'

/** One source with one device, reached by `connect`. */
export function leadTo(connect: (signal: AbortSignal) => Promise<Channel>): () => LeadSource[] {
  return () => [
    {
      name: 'link',
      isTrusted: true,
      leads: async function* () {
        yield { key: 'only', connect }
      },
    },
  ]
}

/** A network in which nobody is heard of. */
export function nobody(): Pick<LeadParts, 'discovery'> & { metrics: SourceReport } {
  const discovery = { sources: [], findPeer: async () => [], met: () => {}, lacked: () => {} }
  return { discovery, metrics: new SourceReport([]) }
}
