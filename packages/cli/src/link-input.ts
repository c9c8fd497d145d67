/** Where a link comes from that is not on the command line, where other users of the machine could read it. */
import { ShoalError, parseLink } from '@shoal/node/control'
import type { Context } from './context.ts'
import { Interrupted } from './failure.ts'
import { USAGE } from './strings/errors.ts'
import { PROMPTS } from './strings/output.ts'

/** Longer than any link; what is longer is none. */
const MAX_LINE_BYTES = 8_192

export interface LinkInputInit {
  /** The argument: a link, or `-`. */
  readonly argument: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: AsyncIterable<unknown>
  /** Asks a person to paste the link, where there is one. */
  readonly ask: () => void
}

/**
 * Reads the link that a command was given, unless the user stops first.
 *
 * @param parse throws what is wrong with a link that is none @defaultValue parseLink
 * @throws ShoalError ERR_USAGE when `-` leads to nothing, and as `parse`; Interrupted
 */
export async function linkOf(
  argument: string,
  context: Context,
  parse: (link: string) => unknown = parseLink,
): Promise<string> {
  const { env, stdin, output, isPersonPresent, stop } = context
  const ask = (): void => {
    if (isPersonPresent) output.stderr.write(PROMPTS.link)
  }
  const link = await raceStop(readLink({ argument, env, stdin, ask }), stop)
  // A link that is none needs no node to say so.
  parse(link)
  return link
}

/** @throws ShoalError ERR_USAGE when `-` leads to nothing */
export async function readLink(init: LinkInputInit): Promise<string> {
  if (init.argument !== '-') return init.argument.trim()
  const { SHOAL_LINK } = init.env
  if (SHOAL_LINK !== undefined && SHOAL_LINK.trim() !== '') return SHOAL_LINK.trim()
  init.ask()
  const line = (await readLine(init.stdin)).trim()
  if (line === '') throw new ShoalError('ERR_USAGE', USAGE.noLink, { hint: USAGE.noLinkHint })
  return line
}

async function readLine(input: AsyncIterable<unknown>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of input) {
    text += chunk instanceof Uint8Array ? decoder.decode(chunk, { stream: true }) : String(chunk)
    const end = text.indexOf('\n')
    if (end >= 0) return text.slice(0, end)
    if (text.length > MAX_LINE_BYTES) break
  }
  return text
}

/** Waits for `work` unless the user stops first. */
function raceStop<T>(work: Promise<T>, stop: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const onStop = (): void => reject(new Interrupted())
  if (stop.aborted) onStop()
  stop.addEventListener('abort', onStop, { once: true })
  work.then(resolve, reject)
  return promise
}
