/** Answers one request of the content port, once it is known who asks and for what. RFC 9110, 8 and 14. */
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isShoalError } from '../../errors.ts'
import type { ContentEvent } from '../../events.ts'
import type { Timers } from '../../util/seams.ts'
import type { ReadRequest } from '../schemas.ts'
import { parseRange, rangeOf, type AskedRange } from './byte-range.ts'
import type { Capability, KnownFile } from './capabilities.ts'
import { give } from './client-connection.ts'
import type { ContentReads, ReadInit, Subject } from './content-reads.ts'
import { dispositionOf, showingOf } from './content-type.ts'
import { isRangeWanted, judgeConditions } from './preconditions.ts'

export interface ContentAnswerInit extends ReadInit {
  readonly request: Pick<IncomingMessage, 'method' | 'headersDistinct'>
  readonly response: ServerResponse
  readonly reads: ContentReads
  readonly timers: Timers
  /** Keeps the address in use. False: it is good no longer. */
  readonly use: (capability: Capability<Subject>) => boolean
}

export class ContentAnswer {
  readonly #init: ContentAnswerInit
  readonly #etag: string

  constructor(init: ContentAnswerInit) {
    this.#init = init
    this.#etag = etagOf(init.capability.subject, init.path)
  }

  /** @throws ShoalError as the node's `read`, before anything is answered or in the middle of it */
  async answer(): Promise<void> {
    const { request, response, reads } = this.#init
    const condition = judgeConditions(request.headersDistinct, this.#etag)
    if (condition !== undefined) {
      response.writeHead(condition, { etag: this.#etag }).end()
    } else if (request.method === 'HEAD') {
      const file = await reads.look(this.#init)
      response.writeHead(200, { ...this.#headersOf(file), 'content-length': file.size }).end()
    } else {
      await this.#get(this.#askedRange())
    }
  }

  async #get(asked: AskedRange | undefined): Promise<void> {
    const { reads, capability, path } = this.#init
    if (asked === undefined) return await this.#read(undefined)
    // How long it is has to be known for the end of it; else that is told with the bytes.
    if (!('suffix' in asked) && !capability.files.has(path)) {
      try {
        return await this.#read({ from: asked.first, to: asked.last })
      } catch (error) {
        if (!isShoalError(error, 'ERR_RANGE')) throw error
      }
    }
    const file = await reads.look(this.#init)
    const range = rangeOf(asked, file.size)
    if (range === 'none') this.#refuseRange(file)
    else await this.#read(range === 'whole' ? undefined : { from: range.first, to: range.last })
  }

  async #read(range: ReadRequest['range']): Promise<void> {
    const { response, reads, timers, capability, use } = this.#init
    await reads.read(this.#init, {
      range,
      onContent: (content) => this.#begin(content, range !== undefined),
      write: (bytes) => {
        use(capability)
        return give(response, bytes, timers)
      },
    })
    response.end()
  }

  #begin(content: ContentEvent, isPart: boolean): void {
    const { from, bytes, size } = content
    this.#init.response.writeHead(isPart ? 206 : 200, {
      ...this.#headersOf(content),
      'content-length': bytes,
      ...(isPart ? { 'content-range': `bytes ${from}-${from + bytes - 1}/${size}` } : {}),
    })
    this.#init.response.flushHeaders()
  }

  #refuseRange({ size }: KnownFile): void {
    const headers = { 'accept-ranges': 'bytes', 'content-range': `bytes */${size}`, 'content-length': 0 }
    this.#init.response.writeHead(416, headers).end()
  }

  /** Undefined: all of it is wanted. */
  #askedRange(): AskedRange | undefined {
    const { headersDistinct } = this.#init.request
    const [header, ...more] = headersDistinct['range'] ?? []
    if (header === undefined || more.length > 0 || !isRangeWanted(headersDistinct, this.#etag))
      return undefined
    return parseRange(header)
  }

  #headersOf({ path }: Pick<KnownFile, 'path'>): Record<string, string> {
    const name = path.slice(path.lastIndexOf('/') + 1)
    const showing = showingOf(name, this.#init.request.headersDistinct['sec-fetch-dest']?.[0])
    return {
      'accept-ranges': 'bytes',
      'content-disposition': dispositionOf(name, showing),
      'content-type': showing.type,
      etag: this.#etag,
    }
  }
}

/** The same bytes always: a root never has others. */
function etagOf({ tag }: Subject, path: string): string {
  return `"${createHash('sha256').update(`${tag}\0${path}`).digest('base64url')}"`
}
