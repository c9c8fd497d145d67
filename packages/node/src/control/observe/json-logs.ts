/** Logs as JSON, one object a line. Every line passes `redact`, whoever wrote it, and each module has a budget of lines. */
import type { LogOptions } from '../../options.ts'
import { noLogs, type Log, type LogFields, type LogLevel, type LogModule, type Logs } from '../../util/log.ts'
import type { Clock } from '../../util/seams.ts'
import { LineBudget, MAX_FIELD_CHARS, MAX_LIST_TEXTS } from './line-budget.ts'
import { redact } from './redaction.ts'

type Level = Exclude<LogLevel, 'off'>

/** Without options nothing is logged, and nothing loaded. */
export async function openLogs(options: LogOptions | undefined, clock: Clock): Promise<Logs> {
  if (options === undefined) return noLogs
  const { default: pino } = await import('pino')
  const destination = {
    write: (line: string): void => {
      try {
        options.write(redact(line))
      } catch {
        // A log that cannot be written is no reason for anything else to fail.
      }
    },
  }
  const root = pino(
    {
      base: null,
      level: 'trace',
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    destination,
  )
  const logs = new Map<LogModule, ModuleLog>()
  return {
    of: (module) => {
      const known = logs.get(module)
      if (known !== undefined) return known
      const level = options.modules?.[module] ?? options.level ?? 'info'
      const child = root.child({ module }, { level: level === 'off' ? 'silent' : level })
      const isOn = (wanted: Level): boolean => child.isLevelEnabled(wanted)
      const write = (as: Level, message: string, fields: LogFields): void => child[as](fields, message)
      const log = new ModuleLog(isOn, write, new LineBudget(clock))
      logs.set(module, log)
      return log
    },
    close: () => {
      for (const log of logs.values()) log.tellLeftOut()
    },
  }
}

class ModuleLog implements Log {
  readonly isDebugged: boolean
  readonly #isOn: (level: Level) => boolean
  readonly #write: (level: Level, message: string, fields: LogFields) => void
  readonly #budget: LineBudget

  constructor(
    isOn: (level: Level) => boolean,
    write: (level: Level, message: string, fields: LogFields) => void,
    budget: LineBudget,
  ) {
    this.isDebugged = isOn('debug')
    this.#isOn = isOn
    this.#write = write
    this.#budget = budget
  }

  readonly debug = (message: string, fields?: LogFields): void => this.#say('debug', message, fields)
  readonly info = (message: string, fields?: LogFields): void => this.#say('info', message, fields)
  readonly warn = (message: string, fields?: LogFields): void => this.#say('warn', message, fields)
  readonly error = (message: string, fields?: LogFields): void => this.#say('error', message, fields)

  /** Says how many lines were left out, if any were. */
  tellLeftOut(): void {
    const lines = this.#budget.takeLeftOut()
    if (lines > 0) this.#write('warn', 'lines left out', { lines })
  }

  #say(level: Level, message: string, fields: LogFields = {}): void {
    if (!this.#isOn(level) || !this.#budget.take()) return
    this.tellLeftOut()
    this.#write(level, cut(message), bounded(fields))
  }
}

function bounded(fields: LogFields): LogFields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, boundedValue(value)]))
}

function boundedValue(value: LogFields[string]): LogFields[string] {
  if (typeof value === 'string') return cut(value)
  return Array.isArray(value) ? value.slice(0, MAX_LIST_TEXTS).map((text: string) => cut(text)) : value
}

/** A cut must not make a short word of a long one, which would pass for no secret. */
function cut(text: string): string {
  return text.length > MAX_FIELD_CHARS ? `${redact(text).slice(0, MAX_FIELD_CHARS)}…` : text
}
