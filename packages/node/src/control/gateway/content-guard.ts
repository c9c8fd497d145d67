/**
 * Who may ask the content port: who holds an address of it, and is no page but the node's own. The address is the secret; what is
 * looked at here keeps a page that came by one from using it. It knows nothing of addresses, so that what it refuses says
 * nothing about them.
 */
import type { IncomingMessage } from 'node:http'
import { ShoalError } from '../../errors.ts'

/** A request, as far as it is judged. */
type Judged = Pick<IncomingMessage, 'headersDistinct'>

export interface ContentNames {
  /** The one `Host` that is answered. */
  readonly host: string
  /** Origin of the node's own page. */
  readonly page: string
}

/** What a page may be given content for: nothing that is a document in another, and nothing that runs. */
const DESTINATIONS = ['audio', 'document', 'empty', 'image', 'track', 'video']

/** @throws ShoalError ERR_NOT_AUTHORISED, which says nothing about what was wrong */
export function guardContent({ headersDistinct }: Judged, { host, page }: ContentNames): void {
  const only = (name: string): string | undefined => {
    const values = headersDistinct[name] ?? []
    // A header that is there twice means one thing to us and may mean another to whoever passed it on.
    if (values.length > 1) throw refused()
    return values[0]
  }
  const origin = only('origin')
  const referer = only('referer')
  const site = only('sec-fetch-site')
  const mode = only('sec-fetch-mode')
  const destination = only('sec-fetch-dest')
  if (only('host') !== host) throw refused()
  if (origin !== undefined && origin !== page) throw refused()
  if (referer !== undefined && referer !== page && !referer.startsWith(`${page}/`)) throw refused()
  if (destination !== undefined && !DESTINATIONS.includes(destination)) throw refused()
  const isBrowser = site !== undefined || mode !== undefined || destination !== undefined
  if (!isBrowser) return
  // A window: typed by a person, which no page can bring about, or opened from our page. Every port of this address is of one
  // site, and a page may hide where it leads from; it cannot say that it leads from ours.
  const isWindow = destination === 'document' && mode === 'navigate'
  const isOpened = isWindow && (site === 'none' || (site === 'same-site' && referer !== undefined))
  // What stands in a page is asked for with CORS, which says whose page it is.
  const isOfPage = !isWindow && site === 'same-site' && origin === page
  if (!isOpened && !isOfPage) throw refused()
}

function refused(): ShoalError {
  return new ShoalError('ERR_NOT_AUTHORISED', 'this request is not entitled')
}
