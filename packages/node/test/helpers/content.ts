/** The content port in front of what a test puts in the node's place. */
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { ControlClient } from '../../src/control/client.ts'
import type { ControlTarget } from '../../src/control/control-target.ts'
import { ShoalError } from '../../src/errors.ts'
import { serve } from './control.ts'

/** Of no content that is there. */
export const LINK = 'ipfs://bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e'
export const ROOT = 'bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** Sends a request as it is given, and gives back how the answer begins. */
export function begin(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(url, { method, headers, agent: false }, resolve).on('error', reject).end()
  })
}

export async function ask(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<Answer> {
  const response = await begin(url, headers, method)
  const pieces: Buffer[] = []
  for await (const piece of response) pieces.push(piece as Buffer)
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(pieces) }
}

/** Reads from these files, in pieces of three bytes, as a node does. */
export function readFrom(files: Readonly<Record<string, Uint8Array>>): ControlTarget['read'] {
  return async ({ path = '', range }, { onEvent, write }, signal) => {
    const bytes = files[path]
    if (bytes === undefined) throw new ShoalError('ERR_NOT_IN_SHARE', 'it is not there')
    const { from, to = bytes.byteLength - 1 } = range ?? { from: 0 }
    if (range !== undefined && from >= bytes.byteLength) throw new ShoalError('ERR_RANGE', 'beyond the end')
    const part = bytes.subarray(from, to + 1)
    onEvent({ type: 'content', root: ROOT, path, size: bytes.byteLength, from, bytes: part.byteLength })
    for (let at = 0; at < part.byteLength; at += 3) {
      signal.throwIfAborted()
      await write(part.subarray(at, at + 3))
    }
    onEvent({ type: 'end', bytesFetched: part.byteLength })
  }
}

/** An address on the content port, and a client of the API behind it. */
export async function contentOf(read: ControlTarget['read']): Promise<{
  readonly url: string
  readonly id: string
  readonly page: string
  readonly client: ControlClient
  readonly stop: () => Promise<void>
}> {
  const { paths, api, stop } = await serve({ read }, { tcp: true })
  const client = (await ControlClient.connect(paths)) as ControlClient
  const { url, id } = await client.openContent({ link: LINK })
  return { url, id, page: api ?? '', client, stop }
}
