/** Ctrl-C and its kin: the first asks the command to end, the second ends the process at once. */
import { EXIT_INTERRUPTED } from './failure.ts'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

export interface StopSignals extends Disposable {
  readonly signal: AbortSignal
  /** Asks the command to end, as the first signal does. */
  stop: () => void
  /** Does what a signal does: the second ends the process. */
  interrupt: () => void
}

export interface SignalSource {
  on: (name: (typeof SIGNALS)[number], listener: () => void) => unknown
  off: (name: (typeof SIGNALS)[number], listener: () => void) => unknown
  exit: (status: number) => never
}

export function listenForStop(source: SignalSource): StopSignals {
  const controller = new AbortController()
  const onSignal = (): void => {
    if (controller.signal.aborted) source.exit(EXIT_INTERRUPTED)
    controller.abort()
  }
  for (const name of SIGNALS) source.on(name, onSignal)
  return {
    signal: controller.signal,
    stop: () => controller.abort(),
    interrupt: onSignal,
    [Symbol.dispose]: () => {
      for (const name of SIGNALS) source.off(name, onSignal)
    },
  }
}
