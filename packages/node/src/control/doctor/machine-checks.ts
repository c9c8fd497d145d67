/** What can be looked at without a node, and is when none can be started: nothing here loads the network. */
import type { ShoalError } from '../../errors.ts'
import { systemDisk } from '../../store/disk.ts'
import { systemSeams } from '../../util/system.ts'
import { checkDisk } from './checks/disk.ts'
import { checkHome } from './checks/home.ts'
import { checkOpenFiles } from './checks/open-files.ts'
import { checkRuntime } from './checks/runtime.ts'
import { notRunning } from './checks/start.ts'
import type { MachineFacts } from './facts.ts'
import type { Finding } from './finding.ts'
import { machineFacts } from './machine-facts.ts'
import { runChecks, type Check } from './run-checks.ts'

export function machineChecks(facts: MachineFacts): Check[] {
  return [
    { id: 'runtime', look: () => checkRuntime(facts) },
    { id: 'home', look: () => checkHome(facts) },
    { id: 'disk', look: () => checkDisk(facts) },
    { id: 'files', look: () => checkOpenFiles(facts) },
  ]
}

/** What is found where no node can be asked: that, why, and what of the machine may be the reason. */
export function examineMachine(
  home: string,
  failure: ShoalError,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const facts = machineFacts({ home, freeBytes: systemDisk.freeBytes })
  const checks: Check[] = [{ id: 'start', look: () => notRunning(failure) }, ...machineChecks(facts)]
  return runChecks(checks, systemSeams, signal)
}
