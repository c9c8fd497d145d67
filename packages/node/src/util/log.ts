/** What happens in a node, for who looks for the cause of something later. Where the lines go, and which, is up to `Logs`. */
import { isShoalError, systemCode } from '../errors.ts'

/** From most to least. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'off'] as const
/** How much is logged: everything from this on; `off`: nothing. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Named after the parts of a node. `libp2p` is the library below, which says something at `debug` only. */
export const LOG_MODULES = [
  'node',
  'store',
  'network',
  'dht',
  'lan',
  'gate',
  'transfer',
  'share',
  'fetch',
  'jobs',
  'control',
  'libp2p',
] as const
/** A part of a node that logs, as docs/observability.md says. */
export type LogModule = (typeof LOG_MODULES)[number]

/** Facts of a line beside its message. What is undefined is left out. */
export type LogFields = Readonly<
  Record<string, string | number | boolean | readonly string[] | null | undefined>
>

type Write = (message: string, fields?: LogFields) => void

export interface Log {
  /** For facts that cost something to find out. */
  readonly isDebugged: boolean
  readonly debug: Write
  readonly info: Write
  readonly warn: Write
  readonly error: Write
}

export interface Logs {
  readonly of: (module: LogModule) => Log
  /** Says what is left to say. */
  readonly close: () => void
}

const nothing = (): void => {}
const silent: Log = { isDebugged: false, debug: nothing, info: nothing, warn: nothing, error: nothing }

export const noLogs: Logs = { of: () => silent, close: nothing }

/** What a line says of a failure: never its cause, which may quote what was read or asked for. */
export function faultFields(error: unknown): LogFields {
  const message = error instanceof Error ? error.message : String(error)
  return { code: isShoalError(error) ? error.code : (systemCode(error) ?? null), error: message }
}
