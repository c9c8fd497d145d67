/** Looks at everything that commonly keeps Shoal from working, and says what is so, what it means, and what to do. */
import type { StatusEvent } from '../../events.ts'
import type { Host } from '../../network/host.ts'
import { systemInterfaces } from '../../network/interfaces.ts'
import type { Disk } from '../../store/disk.ts'
import type { ShareService } from '../../transfer/share-service.ts'
import type { Seams } from '../../util/seams.ts'
import { checkDht } from './checks/dht.ts'
import { checkIncoming } from './checks/incoming.ts'
import { checkInternet } from './checks/internet.ts'
import { checkLocalNetwork } from './checks/local-network.ts'
import { checkShares } from './checks/shares.ts'
import { checkSpeedLimits } from './checks/speed-limits.ts'
import { checkStart } from './checks/start.ts'
import type { NodeFacts } from './facts.ts'
import type { Finding } from './finding.ts'
import { machineChecks } from './machine-checks.ts'
import { machineFacts } from './machine-facts.ts'
import { runChecks, type Check } from './run-checks.ts'

/** How long the looks may take. */
export interface DoctorOptions {
  /** Ends them. */
  signal?: AbortSignal
}

export interface DoctorInit {
  readonly home: string
  readonly disk: Pick<Disk, 'freeBytes'>
  readonly seams: Seams
  readonly host: Pick<Host, 'addressFacts' | 'peers' | 'discovery'>
  readonly shares: Pick<ShareService, 'list'>
}

export class Doctor {
  readonly #init: DoctorInit

  constructor(init: DoctorInit) {
    this.#init = init
  }

  /** One finding for each id, as they come, all within 10 s. Rejects with the signal's reason. */
  examine(status: () => StatusEvent, { signal }: DoctorOptions): AsyncGenerator<Finding> {
    const { home, disk, seams, host, shares } = this.#init
    const facts: NodeFacts = {
      status,
      interfaces: systemInterfaces,
      addresses: () => host.addressFacts(),
      peers: () => host.peers(),
      reachBootstrap: (within) => host.discovery.reachBootstrap(within),
      localState: () => host.discovery.localState(),
      shares: (within) => shares.list({ activeOnly: true, signal: within }),
    }
    const machine = machineFacts({ home, freeBytes: (path) => disk.freeBytes(path) })
    const checks = [...nodeChecks(facts), ...machineChecks(machine)]
    return runChecks(checks, seams, signal ?? new AbortController().signal)
  }
}

export function nodeChecks(facts: NodeFacts): Check[] {
  return [
    { id: 'start', look: () => checkStart(facts) },
    { id: 'internet', look: (looking) => checkInternet(facts, looking) },
    { id: 'incoming', look: (looking) => checkIncoming(facts, looking) },
    { id: 'local-network', look: (looking) => checkLocalNetwork(facts, looking) },
    { id: 'dht', look: (looking) => checkDht(facts, looking) },
    { id: 'shares', look: (looking) => checkShares(facts, looking) },
    { id: 'limits', look: () => checkSpeedLimits(facts) },
  ]
}
