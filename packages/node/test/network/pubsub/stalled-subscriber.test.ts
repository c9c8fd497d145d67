/**
 * Peers that are in a topic and take nothing do not grow the memory of who publishes. In full with SHOAL_GOSSIP_STALLED=100: 100 of
 * them and 500 MB. With SHOAL_GOSSIP_KIND=stock it is told what the library does by itself, and nothing is asked of it.
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../../helpers/files.ts'

const PROGRAM = fileURLToPath(new URL('run-stalled.ts', import.meta.url))
const PEERS = Number(process.env['SHOAL_GOSSIP_STALLED'] ?? 10)
const KIND = process.env['SHOAL_GOSSIP_KIND'] ?? 'ours'

function run(
  ...args: string[]
): [ChildProcessByStdio<Writable, Readable, null>, () => Promise<Record<string, unknown>>] {
  const child = spawn(process.execPath, ['--expose-gc', '--conditions=source', PROGRAM, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const next = async (): Promise<Record<string, unknown>> => {
    const { value, done } = await lines.next()
    if (done === true) throw new Error('the program ended before it was done')
    return JSON.parse(value)
  }
  return [child, next]
}

test(
  'subscribers that take nothing cost the publisher less than 64 MB, whatever it publishes',
  async () => {
    const [publisher, told] = run('publish', KIND, `${PEERS}`, `${PEERS * 5}`, await temporaryFolder())
    const { address } = await told()
    const [stalled, entered] = run('stall', String(address), `${PEERS}`)
    expect(await entered()).toEqual({ entered: PEERS })
    expect(await told()).toEqual({ subscribers: PEERS })
    stalled.kill('SIGSTOP')
    publisher.stdin.write('go\n')
    const result = await told()
    if (process.env['SHOAL_GOSSIP_STALLED'] !== undefined) console.log(JSON.stringify(result))
    await once(publisher, 'exit')
    if (KIND === 'stock') return
    expect(result).toMatchObject({ peers: PEERS, failed: 0 })
    expect(result['peakRssMb']).toBeLessThan(64)
    expect(result['heldMb']).toBeLessThan(40)
    // They were served until it was too much, or what is measured is nothing.
    expect(result['stalled']).toBeGreaterThan(0)
  },
  (60 + 4 * PEERS) * 1_000,
)
