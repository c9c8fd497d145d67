/**
 * A session brings two members of a space to the union of what both have: first the auth log, since it says what counts, then the
 * catalogue, where both may read it. By turns; any side may end it when it is its turn.
 */
import { isShoalError, ShoalError } from '../../errors.ts'
import type { Channel } from '../../network/channel.ts'
import type { Seams } from '../../util/seams.ts'
import type { Hex } from '../auth/action.ts'
import { answer, answerQuestion, greet, type Met, type SyncCaller } from './handshake.ts'
import { MAX_QUESTIONS, SESSION_TIMEOUT_MS } from './limits.ts'
import { LogExchange } from './log-exchange.ts'
import type { SyncLog } from './space-side.ts'
import { Wire, type WireMessage } from './wire.ts'

export interface SessionInit {
  readonly channel: Channel
  readonly host: SyncCaller
  readonly seams: Pick<Seams, 'timers' | 'random'>
  /** Ends it at once. */
  readonly signal?: AbortSignal | undefined
  /** Told once it is known who is at the other end, and of what space it is. Throws to end it. @defaultValue goes on */
  readonly onMet?: (met: Met) => void | Promise<void>
}

export interface OpeningInit extends SessionInit {
  /** As `GreetInit`. */
  readonly spaces: readonly Hex[]
  readonly isKnown: boolean
}

export interface AnsweringInit extends SessionInit {
  /** As `AnswerInit`. */
  readonly mayMeet: (space: Hex) => Promise<boolean>
}

/** What came of a session that ended in order. */
export interface SessionResult extends Met {
  /** Frames that were new here, of both logs. */
  readonly taken: number
  /** Bytes of messages. */
  readonly sent: number
  readonly received: number
}

/** @throws ShoalError as `greet`, ERR_PROTOCOL when the other side breaks the rules, is silent or lies; whatever a call throws */
export function openSession({ spaces, isKnown, ...init }: OpeningInit): Promise<SessionResult> {
  return run(init, true, (wire) =>
    greet({ wire, host: init.host, random: init.seams.random, spaces, isKnown }),
  )
}

/** @throws ShoalError as `answer`, and as `openSession` */
export function answerSession({ mayMeet, ...init }: AnsweringInit): Promise<SessionResult> {
  return run(init, false, (wire) => answer({ wire, host: init.host, random: init.seams.random, mayMeet }))
}

async function run(
  init: SessionInit,
  isOpener: boolean,
  meet: (wire: Wire) => Promise<Met>,
): Promise<SessionResult> {
  const { channel, seams, signal } = init
  const wire = new Wire(channel, seams.timers)
  const end = (why: string): void => wire.stop(new ShoalError('ERR_NO_PROVIDER', why))
  const onAbort = (): void => end('it was ended here')
  signal?.addEventListener('abort', onAbort, { once: true })
  const timer = seams.timers.set(() => end('it took too long'), SESSION_TIMEOUT_MS)
  try {
    signal?.throwIfAborted()
    const met = await meet(wire)
    await init.onMet?.(met)
    const taken = await new Session(wire, init.host, met).run(isOpener)
    await wire.close()
    return { space: met.space, author: met.author, taken, ...wire.bytes }
  } catch (error) {
    wire.stop(
      isShoalError(error) ? error : new ShoalError('ERR_INTERNAL', 'a session failed', { cause: error }),
    )
    throw error
  } finally {
    seams.timers.clear(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}

const LOGS: readonly SyncLog[] = ['auth', 'catalogue']

/** What is said next; undefined: it is over. */
type Turn = { readonly kind: 'ranges' | 'data'; readonly body: Uint8Array } | 'end' | undefined

class Session {
  readonly #wire: Wire
  readonly #host: SyncCaller
  readonly #met: Met
  #exchange: LogExchange
  #taken = 0

  constructor(wire: Wire, host: SyncCaller, met: Met) {
    this.#wire = wire
    this.#host = host
    this.#met = met
    this.#exchange = this.#exchangeOf('auth')
  }

  /** @returns frames that were new here */
  async run(isOpener: boolean): Promise<number> {
    let turn = isOpener ? await this.#exchange.begin() : await this.#hear(await this.#first())
    while (turn !== undefined) {
      if (turn === 'end') {
        // oxlint-disable-next-line no-await-in-loop -- By turns.
        await this.#wire.send('end')
        break
      }
      const log = Uint8Array.of(LOGS.indexOf(this.#exchange.log))
      // oxlint-disable-next-line no-await-in-loop -- As above.
      await this.#wire.send(turn.kind, log, turn.body)
      // oxlint-disable-next-line no-await-in-loop -- As above.
      turn = await this.#hear(await this.#wire.next('ranges', 'data', 'end'))
    }
    return this.#taken + this.#exchange.taken
  }

  /** What comes first to who did not begin: the other side may not know yet who answered it. */
  async #first(): Promise<WireMessage> {
    for (let left = MAX_QUESTIONS; left >= 0; left--) {
      // oxlint-disable-next-line no-await-in-loop -- By turns.
      const message = await this.#wire.next('ranges', 'question')
      if (message.kind === 'ranges') return message
      // oxlint-disable-next-line no-await-in-loop -- As above.
      await answerQuestion(this.#wire, this.#host, this.#met.space, message.body)
    }
    throw this.#wire.abort('it asks too often')
  }

  async #hear({ kind, body }: WireMessage): Promise<Turn> {
    if (kind === 'end') return undefined
    const log = LOGS[body[0] as number]
    if (log === undefined) throw this.#wire.abort('a log that there is not')
    if (log !== this.#exchange.log) {
      if (kind !== 'ranges' || log !== this.#after()) throw this.#wire.abort('a log out of order')
      this.#goOn(log)
    }
    const said = body.subarray(1)
    const turn = await this.#orEnd(() =>
      kind === 'ranges' ? this.#exchange.onRanges(said) : this.#exchange.onData(said),
    )
    return turn ?? (await this.#beginNext())
  }

  async #beginNext(): Promise<Turn> {
    const next = this.#after()
    if (next === undefined) return 'end'
    this.#goOn(next)
    return await this.#orEnd(() => this.#exchange.begin())
  }

  /** What may not be said to the other side, or not any more, ends it in order. */
  async #orEnd<T>(work: () => Promise<T>): Promise<T | 'end'> {
    try {
      return await work()
    } catch (error) {
      if (isShoalError(error, 'ERR_SPACE_ROLE')) return 'end'
      throw error
    }
  }

  #after(): SyncLog | undefined {
    return LOGS[LOGS.indexOf(this.#exchange.log) + 1]
  }

  #goOn(log: SyncLog): void {
    this.#taken += this.#exchange.taken
    this.#exchange = this.#exchangeOf(log)
  }

  #exchangeOf(log: SyncLog): LogExchange {
    return new LogExchange({ host: this.#host, ...this.#met, log })
  }
}
