/** Shares of content that is handed in, such as standard input, instead of lying in a file of the user. */
import type { InputStore } from '../store/input-store.ts'
import { checkShareName } from '../store/shared-paths.ts'
import { refuseInvalid, type Share, type ShareOptions } from './share-options.ts'
import type { ShareService } from './share-service.ts'

/** What it is called without being given a name. */
const INPUT_NAME = 'stdin'

/** How content that is handed in is shared: as `ShareOptions`, but for what goes with files. */
export type ShareInputOptions = Omit<ShareOptions, 'exclude' | 'skipUnreadable'>

export class InputService {
  readonly #inputs: InputStore
  readonly #shares: ShareService

  constructor(inputs: InputStore, shares: ShareService) {
    this.#inputs = inputs
    this.#shares = shares
  }

  /**
   * Keeps what comes in the home until it is unshared, and shares it.
   *
   * @throws ShoalError as `checkShareName`, `InputStore.receive` and `ShareService.share`
   */
  async share(source: AsyncIterable<Uint8Array>, options: ShareInputOptions = {}): Promise<Share> {
    refuseInvalid(options)
    // Nobody sends all of it to be told so.
    if (options.name !== undefined) checkShareName(options.name)
    const path = await this.#inputs.receive(abortable(source, options.signal))
    try {
      return await this.#shares.share(path, { ...options, name: options.name ?? INPUT_NAME })
    } finally {
      await this.#inputs.release(path)
    }
  }
}

/** Ends with the signal's reason, also while nothing comes. */
async function* abortable(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  aborted.catch(() => {})
  const onAbort = (): void => reject(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted === true) onAbort()
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted])
      if (next.done === true) return
      yield next.value
    }
  } finally {
    signal?.removeEventListener('abort', onAbort)
    // Not waited for: a source that is asked for more may not answer before it gets some.
    void iterator.return?.()?.catch(() => {})
  }
}
