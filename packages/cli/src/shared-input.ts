/** Standard input, to be shared: it can be read once, and is found again in the home by the digest of its bytes. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import {
  ShoalError,
  homePaths,
  type ShareEvent,
  type ShareInputRequest,
  type ShareRequest,
} from '@shoal/node/control'
import type { Context } from './context.ts'
import { FAILURES } from './strings/errors.ts'

/** How a share is asked for: as long as its command lives, or to go on. */
export interface ShareCalls {
  readonly paths: (request: ShareRequest) => AsyncGenerator<ShareEvent>
  readonly input: (
    request: ShareInputRequest,
    source: AsyncIterable<Uint8Array>,
  ) => AsyncGenerator<ShareEvent>
}

export class SharedInput {
  readonly #stdin: AsyncIterable<unknown>
  readonly #inputs: string
  #hasBegun = false
  #digest: string | undefined

  constructor(home: string, { stdin, env }: Context) {
    this.#stdin = stdin
    this.#inputs = homePaths(home, env).inputs
  }

  /** Whether a part of it was given to a node that has ended: there is no more to be had. */
  get isLost(): boolean {
    return this.#hasBegun && this.#digest === undefined
  }

  /** @throws ShoalError ERR_NODE_STOPPED when the node that was given a part of it ended */
  share(
    calls: ShareCalls,
    { name = 'stdin', public: isPublic, preserve, fresh, times, up, down }: ShareRequest,
  ): AsyncGenerator<ShareEvent> {
    const request = { name, public: isPublic, preserve, fresh, times, up, down }
    if (this.#digest !== undefined) {
      return calls.paths({ ...request, paths: [join(this.#inputs, this.#digest)] })
    }
    if (this.#hasBegun) throw new ShoalError('ERR_NODE_STOPPED', FAILURES.inputLost)
    this.#hasBegun = true
    return calls.input(request, this.#read())
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256')
    for await (const chunk of this.#stdin) {
      const bytes = chunk instanceof Uint8Array ? chunk : Buffer.from(String(chunk))
      hash.update(bytes)
      yield bytes
    }
    this.#digest = hash.digest('hex')
  }
}
