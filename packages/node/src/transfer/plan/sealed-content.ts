/** The bytes of a sealed share's data part, in order, as far ahead of who takes them as memory is given for. */
import { PLAIN_BLOCK_BYTES, wireLength } from '../../content/sealed/format.ts'
import type { Span } from '../../content/span.ts'
import type { BlockSink } from '../../store/block-sink.ts'
import { DigestPages } from './digest-pages.ts'
import { openReceived } from './open-block.ts'
import type { ProviderReader } from '../swarm/provider-reader.ts'
import { range, type Sealed } from './sealed-root.ts'

/**
 * Bytes `from` to `to`, exclusive; each piece verified, and of one block.
 *
 * @param windowBlocks blocks that are asked for or kept beyond the one that was taken last
 * @throws ShoalError ERR_CONTENT_INVALID, and what the reader throws
 */
export async function* readSealed(
  sealed: Sealed,
  reader: ProviderReader,
  { from, to }: Span,
  windowBlocks: number,
): AsyncGenerator<Uint8Array> {
  if (from >= to) return
  const first = Math.floor(from / PLAIN_BLOCK_BYTES)
  const end = Math.ceil(to / PLAIN_BLOCK_BYTES)
  const window = new BlockWindow(sealed, new DigestPages(sealed, reader))
  let next = first
  const scheduler = reader.start({
    sink: window,
    needed: range(first, end),
    mayAsk: (block) => block < next + windowBlocks,
  })
  scheduler.done.catch((error: unknown) => window.fail(error as Error))
  try {
    while (next < end) {
      const plain = await window.take(next)
      const start = next * PLAIN_BLOCK_BYTES
      next++
      reader.taken()
      scheduler.askMore()
      yield plain.subarray(Math.max(0, from - start), Math.min(plain.byteLength, to - start))
    }
  } finally {
    scheduler.fail(new Error('nobody reads on'))
  }
}

/** Opened blocks that wait to be taken. */
class BlockWindow implements BlockSink {
  readonly #sealed: Sealed
  readonly #digests: DigestPages
  readonly #opened = new Map<number, Uint8Array>()
  #awaited: { readonly block: number; readonly taker: PromiseWithResolvers<Uint8Array> } | undefined
  #failure: Error | undefined

  constructor(sealed: Sealed, digests: DigestPages) {
    this.#sealed = sealed
    this.#digests = digests
  }

  lengthOf(block: number): number {
    return wireLength(this.#sealed.shape, block)
  }

  sizeOf(block: number): number {
    return this.lengthOf(block)
  }

  async accept(block: number, received: Uint8Array): Promise<boolean> {
    const plain = await openReceived(this.#sealed, block, received, await this.#digests.of(block))
    if (plain === undefined) return false
    // The buffer of what was received is used again.
    const kept = plain.slice()
    if (this.#awaited?.block === block) this.#awaited.taker.resolve(kept)
    else this.#opened.set(block, kept)
    return true
  }

  /** One block, once it is here. Blocks are taken in order, one after the other. */
  async take(block: number): Promise<Uint8Array> {
    const opened = this.#opened.get(block)
    this.#opened.delete(block)
    if (opened !== undefined) return opened
    if (this.#failure !== undefined) throw this.#failure
    const taker = Promise.withResolvers<Uint8Array>()
    this.#awaited = { block, taker }
    return await taker.promise
  }

  fail(error: Error): void {
    this.#failure = error
    this.#awaited?.taker.reject(error)
  }
}
