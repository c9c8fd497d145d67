/** What is counted and logged of a node while it runs, beside what its parts can be asked for. */
import type { WarningEvent } from '../../events.ts'
import type { Channel } from '../../network/channel.ts'
import type { Host } from '../../network/host.ts'
import { TransferCounts } from '../../transfer/transfer-counts.ts'
import type { Session } from '../../transfer/wire/session.ts'
import { faultFields, noLogs, type LogModule, type Logs } from '../../util/log.ts'
import type { Seams } from '../../util/seams.ts'
import { GateWatch } from './gate-watch.ts'
import { LoopDelay } from './loop-delay.ts'
import { OperationWatch } from './operation-watch.ts'
import { RequestWatch } from './request-watch.ts'

export class NodeWatch {
  readonly logs: Logs
  readonly transfers = new TransferCounts()
  readonly operations: OperationWatch
  readonly requests: RequestWatch
  readonly loopDelay = new LoopDelay()
  readonly #seams: Pick<Seams, 'clock' | 'timers'>
  #gate: GateWatch | undefined

  constructor(logs: Logs, seams: Pick<Seams, 'clock' | 'timers'>) {
    this.logs = logs
    this.#seams = seams
    this.operations = new OperationWatch(logs, seams.clock)
    this.requests = new RequestWatch(logs)
  }

  /** The dials of a host, each counted by what came of it. */
  readonly dials =
    (dial: Host['dial']): Host['dial'] =>
    async (addresses, signal, origin) => {
      const { dials } = this.transfers
      const log = this.logs.of('network')
      try {
        const channel: Channel = await dial(addresses, signal, origin)
        dials.connected++
        log.debug('dialled', { peer: channel.remoteName, origin })
        return channel
      } catch (error) {
        if (signal?.aborted === true) dials.cancelled++
        else dials.failed++
        log.debug('dial failed', { addresses, origin, ...faultFields(error) })
        throw error
      }
    }

  /** To be called with each session that is open. */
  readonly session = (session: Session): void => {
    if (session.isOwn) return
    const { clock } = this.#seams
    const log = this.logs.of('transfer')
    const openedMs = clock.monotonic()
    const about = { peer: session.remoteName, root: session.root.toString(), ours: session.isOpener }
    log.info('session opened', about)
    session.attach({
      payloadFor: () => undefined,
      onMessage: () => {},
      onEnd: (error) => {
        const why = error === undefined ? (session.byeReason ?? 'done') : 'failed'
        this.transfers.sessionsEnded[why]++
        const seconds = (clock.monotonic() - openedMs) / 1_000
        const fields = { ...about, why, seconds, ...(error === undefined ? {} : faultFields(error)) }
        if (error === undefined) log.info('session ended', fields)
        else log.warn('session ended', fields)
      },
    })
  }

  /** Tells what the node itself has to tell of. */
  warning({ code, message }: WarningEvent): void {
    this.logs.of(moduleOf(code)).warn(message, { code })
  }

  listening(host: Pick<Host, 'addresses' | 'gateStats'>): void {
    this.logs.of('network').info('listening', { addresses: host.addresses() })
    if (this.logs !== noLogs) {
      this.#gate = new GateWatch(this.logs.of('gate'), this.#seams.timers, () => host.gateStats())
    }
  }

  started({ network, home }: { network: string; home: string }, { peerId }: Pick<Host, 'peerId'>): void {
    this.logs.of('node').info('started', { peerId, network, home, pid: process.pid })
  }

  /** @param isServed whether a root is from now on, or no longer */
  served(isServed: boolean): void {
    this.logs.of('dht').debug(isServed ? 'announce a root' : 'withdraw a root')
  }

  stopping(): void {
    this.logs.of('node').info('stopping')
    this.#gate?.stop()
    this.#gate = undefined
  }

  /** @param failures of what was stopped */
  stopped(failures: readonly unknown[]): void {
    const log = this.logs.of('node')
    for (const failure of failures) log.error('not stopped in order', faultFields(failure))
    log.info('stopped')
    this.loopDelay.stop()
    this.logs.close()
  }
}

function moduleOf(code: string): LogModule {
  switch (code) {
    case 'WARN_LAN_UNAVAILABLE':
      return 'lan'
    case 'WARN_ADDRESS_BOOK':
      return 'network'
    case 'WARN_JOB_LOST':
    case 'WARN_SEED_NOT_KEPT':
    case 'WARN_SHARE_NOT_KEPT':
      return 'jobs'
    default:
      return 'store'
  }
}
