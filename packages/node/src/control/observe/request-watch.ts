/** Watches requests to the control API: by the route that they meant, never by what was really written. */
import type { Logs } from '../../util/log.ts'
import { RequestCounts } from './request-counts.ts'

const HTTP_UNAUTHORISED = 401

export class RequestWatch {
  readonly counts = new RequestCounts()
  readonly #logs: Logs

  constructor(logs: Logs) {
    this.#logs = logs
  }

  /** @param route undefined where no route of ours was meant */
  answered(method: string, route: string | undefined, status: number): void {
    this.counts.answered(method, route, status)
    const log = this.#logs.of('control')
    const fields = { ...(route === undefined ? {} : { method, route }), status }
    if (status === HTTP_UNAUTHORISED) log.warn('request refused', fields)
    else log.debug('request answered', fields)
  }
}
