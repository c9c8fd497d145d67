/** What libp2p says, as lines of our log. Only where that is asked for: it says something of every stream and message. */
import type { ComponentLogger, Logger } from '@libp2p/interface'
import type { Log } from '../util/log.ts'

/** Its own placeholders: %p a peer, %a an address, %e an error, and more. */
const PLACEHOLDER = /%[a-zA-Z]/g

export function libp2pLogger(log: Log): ComponentLogger {
  return { forComponent: (name) => loggerOf(log, name) }
}

function loggerOf(log: Log, scope: string): Logger {
  const write = (template: unknown, ...values: unknown[]): void => {
    const rest = values.values()
    const text = String(template).replaceAll(PLACEHOLDER, () => textOf(rest.next().value))
    log.debug(text, { scope })
  }
  return Object.assign(write, {
    enabled: true,
    error: write,
    // Of each frame: more than anybody reads.
    trace: () => {},
    newScope: (name: string) => loggerOf(log, `${scope}:${name}`),
  })
}

function textOf(value: unknown): string {
  return value instanceof Error ? value.message : String(value)
}
