/** Makes and takes back addresses of the content port, for who may steer the node. */
import { parseLink } from '../../content/link.ts'
import { ShoalError } from '../../errors.ts'
import type { ContentRequest } from '../schemas.ts'
import type { Capabilities } from './capabilities.ts'
import type { Subject } from './content-reads.ts'
import { targetOf } from './content-target.ts'

/** An address below which the files of a share are. */
export interface ContentAddress {
  /** By which it is taken back. */
  readonly id: string
  /** Ends in a slash; the path inside the share follows. A share that is one file is there itself. */
  readonly url: string
  /** Until when it is good if nobody uses it, in milliseconds since 1970. */
  readonly expires: number
}

export class ContentAccess {
  readonly #capabilities: Capabilities<Subject>
  /** Base URL of the content port, or null where there is none. */
  url: string | null = null

  constructor(capabilities: Capabilities<Subject>) {
    this.#capabilities = capabilities
  }

  /** @throws ShoalError as `parseLink`; ERR_OPTIONS_INVALID without a content port */
  open(request: ContentRequest): ContentAddress {
    const { root, path = '' } = parseLink(request.link)
    if (this.url === null) {
      throw new ShoalError('ERR_OPTIONS_INVALID', 'Shoal listens on no port for content', {
        hint: 'Start it with --api-tcp on.',
      })
    }
    const { id, secret, expires } = this.#capabilities.make({ ...request, tag: `${root.toString()}/${path}` })
    return { id, url: `${this.url}${targetOf(secret)}`, expires }
  }

  /** False: there is none by that id. */
  close(id: string): boolean {
    return this.#capabilities.revoke(id)
  }
}
