/** Asks a node for its metrics as a monitoring system does, and reads the answer. */
import { readFile } from 'node:fs/promises'
import { request, type IncomingHttpHeaders } from 'node:http'
import { homePaths } from '@shoal/node/control'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** @param headers in place of those of an entitled client */
export async function askSocket(
  home: string,
  path: string,
  headers?: Readonly<Record<string, string>>,
): Promise<Answer> {
  const { socket, tokenFile } = homePaths(home, process.env)
  const token = (await readFile(tokenFile, 'utf8')).trim()
  const given = headers ?? { host: 'localhost', authorization: `Bearer ${token}` }
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: socket, path, headers: given }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
      })
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

const SAMPLE = /^([a-z_][a-z0-9_]*)(\{.*\})? (-?[0-9.e+-]+|\+Inf|NaN)$/

/** By name and labels, as `name{a="b"}`. Throws at a line that is none of the format. */
export function samplesOf(text: string): Map<string, number> {
  const samples = new Map<string, number>()
  for (const line of text.split('\n')) {
    if (line === '' || /^# (HELP|TYPE) [a-z]/.test(line)) continue
    const [, name, labels = '', value] = SAMPLE.exec(line) ?? []
    if (name === undefined) throw new Error(`no sample: ${line}`)
    const key = `${name}${labels}`
    if (samples.has(key)) throw new Error(`told twice: ${key}`)
    samples.set(key, Number(value))
  }
  return samples
}

export async function metricsOf(home: string): Promise<Map<string, number>> {
  const { status, text } = await askSocket(home, '/v1/metrics')
  if (status !== 200) throw new Error(text)
  return samplesOf(text)
}
