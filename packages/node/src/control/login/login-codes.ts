/** Codes that are good once and for a moment, by which a page gets the token of the API. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Seams } from '../../util/seams.ts'
import { CODE_MS, MAX_CODES, MAX_WRONG_GUESSES } from './limits.ts'

const CODE_BYTES = 32

interface Entry {
  readonly digest: Buffer
  readonly endsMs: number
  wrong: number
}

export interface LoginCode {
  readonly code: string
  /** Until when it is good, in milliseconds since 1970. */
  readonly expires: number
}

export class LoginCodes {
  readonly #seams: Pick<Seams, 'clock' | 'random'>
  #entries: readonly Entry[] = []

  constructor(seams: Pick<Seams, 'clock' | 'random'>) {
    this.#seams = seams
  }

  make(): LoginCode {
    const { clock, random } = this.#seams
    const code = Buffer.from(random.bytes(CODE_BYTES)).toString('base64url')
    const entry = { digest: digestOf(code), endsMs: clock.monotonic() + CODE_MS, wrong: 0 }
    this.#entries = [...this.#good(), entry].slice(-MAX_CODES)
    return { code, expires: clock.now() + CODE_MS }
  }

  /** Whether that is a good code. It is no more from now on. */
  redeem(code: string): boolean {
    const given = digestOf(code)
    const good = this.#good()
    // All of them are compared, whichever it is.
    const matching = good.filter(({ digest }) => timingSafeEqual(digest, given))
    if (matching.length === 0) for (const entry of good) entry.wrong++
    this.#entries = good.filter((entry) => !matching.includes(entry))
    return matching.length > 0
  }

  #good(): Entry[] {
    const nowMs = this.#seams.clock.monotonic()
    return this.#entries.filter(({ endsMs, wrong }) => nowMs < endsMs && wrong < MAX_WRONG_GUESSES)
  }
}

function digestOf(code: string): Buffer {
  return createHash('sha256').update(code).digest()
}
