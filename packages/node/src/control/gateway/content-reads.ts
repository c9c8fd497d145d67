/** The reads that the content port has a node do, so many at a time. Each ends when its client goes, or its address is taken back. */
import { ShoalError } from '../../errors.ts'
import type { ContentEvent } from '../../events.ts'
import type { ControlTarget } from '../control-target.ts'
import type { ReadRequest } from '../schemas.ts'
import type { Capability, KnownFile } from './capabilities.ts'
import { MAX_KNOWN_FILES, MAX_READS, MAX_UNFINISHED_READS } from './limits.ts'

/** What is read by an address: a link with its key, and how those who have it are looked for. */
export type Subject = Pick<ReadRequest, 'link' | 'peers' | 'waitMs'> & {
  /** Names the content and the place in it that the link leads to. */
  readonly tag: string
}

/** One client that reads. */
export interface ReadInit {
  readonly capability: Capability<Subject>
  /** Inside the share. */
  readonly path: string
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal
}

export interface Reading {
  readonly range: ReadRequest['range']
  readonly onContent: (content: ContentEvent) => void
  readonly write: (bytes: Uint8Array) => Promise<void> | undefined
}

export class ContentReads {
  readonly #read: ControlTarget['read']
  #clients = 0
  #unfinished = 0

  constructor(read: ControlTarget['read']) {
    this.#read = read
  }

  /**
   * Does the work of one client.
   *
   * @throws ShoalError ERR_LIMIT when there are too many
   */
  async serve(work: () => Promise<void>, gone: AbortSignal): Promise<void> {
    if (this.#clients >= MAX_READS || this.#unfinished >= MAX_UNFINISHED_READS) {
      throw new ShoalError('ERR_LIMIT', 'too much is read at the moment', { hint: 'Ask again in a second.' })
    }
    this.#clients++
    let isCounted = true
    const leave = (): void => {
      if (isCounted) this.#clients--
      isCounted = false
    }
    gone.addEventListener('abort', leave, { once: true })
    try {
      await work()
    } finally {
      gone.removeEventListener('abort', leave)
      leave()
    }
  }

  /** Reads a file, or a range of it. Throws what the node's `read` does. */
  async read(init: ReadInit, { range, onContent, write }: Reading): Promise<void> {
    await this.#begin(init, range, init.signal, {
      onContent: (content) => {
        remember(init, content)
        onContent(content)
      },
      write,
    })
  }

  /** What there is to read, without reading it. Throws what the node's `read` does. */
  async look(init: ReadInit): Promise<KnownFile> {
    const { capability, path, signal } = init
    const known = capability.files.get(path)
    if (known !== undefined) return known
    const enough = new AbortController()
    const found = Promise.withResolvers<KnownFile>()
    const onContent = (content: ContentEvent): void => {
      found.resolve(remember(init, content))
      enough.abort()
    }
    const both = AbortSignal.any([signal, enough.signal])
    // It may end a little later, and is counted as long as it lasts.
    this.#begin(init, undefined, both, { onContent, write: () => undefined }).catch(found.reject)
    return await found.promise
  }

  async #begin(
    { capability, path }: ReadInit,
    range: ReadRequest['range'],
    signal: AbortSignal,
    { onContent, write }: Pick<Reading, 'onContent' | 'write'>,
  ): Promise<void> {
    const { link, peers, waitMs } = capability.subject
    const body = {
      link,
      path,
      ...(range === undefined ? {} : { range }),
      ...(peers === undefined ? {} : { peers }),
      ...(waitMs === undefined ? {} : { waitMs }),
    }
    this.#unfinished++
    try {
      await this.#read(
        body,
        { onEvent: (event) => void (event.type === 'content' && onContent(event)), write },
        AbortSignal.any([signal, capability.revoked]),
      )
    } finally {
      this.#unfinished--
    }
  }
}

function remember({ capability: { files }, path }: ReadInit, content: ContentEvent): KnownFile {
  const known = { path: content.path, size: content.size }
  const [oldest] = files.keys()
  if (oldest !== undefined && files.size >= MAX_KNOWN_FILES) files.delete(oldest)
  files.set(path, known)
  return known
}
