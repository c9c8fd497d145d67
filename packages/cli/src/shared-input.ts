/** Standard input, to be shared: it can be read once, and is found again in the home by the digest of its bytes. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { ShoalError, homePaths, type ShareEvent, type ShareRequest } from '@shoal/node/control'
import type { Context } from './context.ts'
import { FAILURES } from './strings/errors.ts'
import type { NodeSession } from './with-node.ts'

export class SharedInput {
  readonly #stdin: AsyncIterable<unknown>
  readonly #inputs: string
  #hasBegun = false
  #digest: string | undefined

  constructor(home: string, { stdin, env }: Context) {
    this.#stdin = stdin
    this.#inputs = homePaths(home, env).inputs
  }

  /** @throws ShoalError ERR_NODE_STOPPED when the node that was given a part of it ended */
  share(
    { client }: NodeSession,
    { name = 'stdin', public: isPublic, preserve, fresh, times, up, down }: ShareRequest,
    stop: AbortSignal,
  ): AsyncGenerator<ShareEvent> {
    const request = { name, public: isPublic, preserve, fresh, times, up, down }
    if (this.#digest !== undefined) {
      return client.share({ ...request, paths: [join(this.#inputs, this.#digest)] }, stop)
    }
    if (this.#hasBegun) throw new ShoalError('ERR_NODE_STOPPED', FAILURES.inputLost)
    this.#hasBegun = true
    return client.shareInput(request, this.#read(), stop)
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
