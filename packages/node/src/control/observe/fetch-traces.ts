/**
 * Fetches as spans of OpenTelemetry, for a program that has registered a provider of its own: `shoal.fetch`, and below it
 * `shoal.discovery`, `shoal.dial`, `shoal.transfer` and `shoal.disk`. No span is made for a block or a frame, and no attribute
 * has a key, a link, a name or a path.
 */
import type * as OpenTelemetry from '@opentelemetry/api'
import type { Attributes, Span, Tracer } from '@opentelemetry/api'
import type { Host } from '../../network/host.ts'
import { isShoalError, systemCode } from '../../errors.ts'
import type { FetchTrace, TraceFetch } from '../../transfer/fetch-trace.ts'

/** Most spans of dials in one fetch, which may try for days; the rest is counted only. */
export const MAX_DIAL_SPANS = 32

const TRACER = '@shoal/node'
/** Where version 1 of the API keeps what was registered, for all copies of it in a process. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1')

type Api = typeof OpenTelemetry

/** Loads the API only when some program has registered who takes the spans. */
export const traceFetch: TraceFetch = (root) => {
  const { [REGISTERED]: registered } = globalThis as { [REGISTERED]?: { readonly trace?: unknown } }
  return registered?.trace === undefined ? undefined : begin(root)
}

async function begin(root: string): Promise<FetchTrace> {
  return new SpannedFetch(await import('@opentelemetry/api'), root)
}

class SpannedFetch implements FetchTrace {
  readonly #api: Api
  readonly #tracer: Tracer
  readonly #fetch: Span
  #phase: Span | undefined
  #hasTransfer = false
  #transfer: Span | undefined
  #dials = 0

  constructor(api: Api, root: string) {
    this.#api = api
    this.#tracer = api.trace.getTracer(TRACER)
    this.#fetch = this.#tracer.startSpan('shoal.fetch', { attributes: { 'shoal.root': root } })
  }

  readonly asking: FetchTrace['asking'] = (sources) => {
    this.#phase?.end()
    this.#phase = this.#child('shoal.discovery', { 'shoal.sources': [...sources] })
  }

  readonly connected: FetchTrace['connected'] = (source) => {
    this.#phase?.setAttribute('shoal.source', source)
    this.#phase?.end()
    this.#phase = undefined
    if (this.#hasTransfer) return
    this.#hasTransfer = true
    this.#transfer = this.#child('shoal.transfer', { 'shoal.source': source })
  }

  readonly planned: FetchTrace['planned'] = ({ bytes, files }) => {
    this.#fetch.setAttributes({ 'shoal.bytes': bytes, 'shoal.files': files })
  }

  readonly verified: FetchTrace['verified'] = () => {
    this.#transfer?.end()
    this.#transfer = undefined
    this.#phase?.end()
    this.#phase = this.#child('shoal.disk', {})
  }

  readonly dials: FetchTrace['dials'] = (dial) => (addresses, signal, origin) => {
    this.#dials++
    if (this.#dials > MAX_DIAL_SPANS) return dial(addresses, signal, origin)
    return this.#dial(dial, addresses, signal, origin)
  }

  readonly done: FetchTrace['done'] = ({ bytesFetched, bytesReused }) => {
    this.#fetch.setAttributes({ 'shoal.bytes_fetched': bytesFetched, 'shoal.bytes_reused': bytesReused })
    this.#end()
  }

  readonly failed: FetchTrace['failed'] = (error) => {
    for (const span of [this.#phase, this.#transfer, this.#fetch])
      if (span !== undefined) this.#fail(span, error)
    this.#end()
  }

  async #dial(
    dial: Host['dial'],
    ...[addresses, signal, origin]: Parameters<Host['dial']>
  ): ReturnType<Host['dial']> {
    const span = this.#child('shoal.dial', origin === undefined ? {} : { 'shoal.origin': origin })
    try {
      const channel = await dial(addresses, signal, origin)
      span.setAttribute('shoal.peer', channel.remoteName)
      return channel
    } catch (error) {
      this.#fail(span, error)
      throw error
    } finally {
      span.end()
    }
  }

  /** The code alone: a message may quote names and paths. */
  #fail(span: Span, error: unknown): void {
    const code = isShoalError(error) ? error.code : (systemCode(error) ?? 'aborted')
    span.setAttribute('error.type', code)
    span.setStatus({ code: this.#api.SpanStatusCode.ERROR, message: code })
  }

  #end(): void {
    this.#fetch.setAttribute('shoal.dials', this.#dials)
    for (const span of [this.#phase, this.#transfer, this.#fetch]) span?.end()
  }

  #child(name: string, attributes: Attributes): Span {
    const { context, trace } = this.#api
    return this.#tracer.startSpan(name, { attributes }, trace.setSpan(context.active(), this.#fetch))
  }
}
