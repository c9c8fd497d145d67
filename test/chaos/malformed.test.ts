/**
 * Garbage in each layer below the transfer protocol, over real connections: the process stays alive, still takes
 * honest dials, and no message holds its event loop long. SHOAL_FUZZ_RUNS: how much of it, in each layer.
 */
import { multiaddr } from '@multiformats/multiaddr'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ping, type MessageStream, type StreamMuxer } from '../../packages/node/test/helpers/libp2p.ts'
import { stock } from '../helpers/hosts.ts'
import { rawSocket, startVictim, type Victim } from './gate-processes.ts'
import { line, muxing, negotiation, streaming } from './malformed.ts'

const RUNS = Number(process.env['SHOAL_FUZZ_RUNS'] ?? 40)
const seed = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)
const PROTOCOLS = ['/ipfs/id/1.0.0', '/ipfs/id/push/1.0.0', '/ipfs/ping/1.0.0', '/nobody/1.0.0']
/** One flood of lines held a stock host for more than three seconds, here. */
const MOST_STALL_MS = 1_000
const TIMEOUT_MS = 60_000 + RUNS * 5_000

/** Sends, then waits until the victim looked at it: an honest dial is answered after it. */
async function attack(
  what: string,
  samples: readonly Uint8Array[],
  send: (victim: Victim, bytes: Uint8Array) => Promise<() => Promise<void> | void>,
): Promise<void> {
  const victim = await startVictim('private')
  const honest = await stock({ services: { ping: ping() } }, '127.0.0.9')
  const pinger = honest.services as unknown as { ping: { ping: (to: unknown) => Promise<number> } }
  const dial = async (): Promise<void> => {
    const connection = await honest.dial(multiaddr(victim.address), { signal: AbortSignal.timeout(20_000) })
    expect(await pinger.ping.ping(connection.remotePeer)).toBeGreaterThanOrEqual(0)
    await connection.close()
  }
  for (let i = 0; i < 10; i++) await dial()
  const quiet = Number((await victim.program.ask())['maxMs'])
  const stalls: number[] = []
  for (const bytes of samples) {
    const end = await send(victim, bytes)
    await dial()
    stalls.push(Number((await victim.program.ask())['maxMs']))
    await end()
  }
  const after = await victim.program.ask()
  console.log(
    JSON.stringify({
      malformed: what,
      runs: samples.length,
      seed,
      stallMsMedian: Math.round(stalls.toSorted((a, b) => a - b)[stalls.length >> 1] ?? 0),
      stallMsMax: Math.round(Math.max(...stalls)),
      honestAloneStallMsMax: Math.round(quiet),
      rssMiB: Math.round(Number(after['rssMiB'])),
      bufferedBytes: after['bufferedBytes'],
    }),
  )
  expect(Math.max(...stalls)).toBeLessThan(MOST_STALL_MS)
  expect(victim.program.child.exitCode).toBeNull()
}

const samplesOf = (arbitrary: fc.Arbitrary<Uint8Array>): Uint8Array[] =>
  fc.sample(arbitrary, { numRuns: RUNS, seed })

async function overTcp(victim: Victim, bytes: Uint8Array): Promise<() => void> {
  const socket = await rawSocket(victim.port, '127.0.0.2')
  socket.resume()
  socket.write(bytes)
  return () => socket.destroy()
}

/** A muxer that sends what it is given below all streams. */
async function belowStreams(victim: Victim, bytes: Uint8Array): Promise<() => Promise<void>> {
  const { promise: secured, resolve } = Promise.withResolvers<MessageStream>()
  const muxer = Object.assign(new EventTarget(), {
    protocol: '/yamux/1.0.0',
    streams: [],
    status: 'open',
    createStream: () => Promise.reject(new Error('no streams')),
    close: () => Promise.resolve(),
    abort: () => {},
  }) as unknown as StreamMuxer
  const createStreamMuxer = (stream: MessageStream): StreamMuxer => {
    stream.addEventListener('message', () => {})
    resolve(stream)
    return muxer
  }
  const peer = await stock(
    { streamMuxers: [() => ({ protocol: '/yamux/1.0.0', createStreamMuxer })], services: {} },
    '127.0.0.3',
  )
  await peer.dial(multiaddr(victim.address))
  const stream = await secured
  try {
    stream.send(bytes)
  } catch {
    // The victim may have hung up already.
  }
  return () => peer.stop() as Promise<void>
}

test(
  `garbage before the handshake (seed ${seed})`,
  async () => {
    // Enough lines to hold a stock host for seconds.
    const flood = new Uint8Array(Buffer.concat(Array.from({ length: 300_000 }, () => line('ls\n'))))
    await attack('negotiation', [flood, ...samplesOf(negotiation)], overTcp)
  },
  TIMEOUT_MS,
)

test(
  `garbage for the muxer (seed ${seed})`,
  () => attack('muxer', samplesOf(muxing), belowStreams),
  TIMEOUT_MS,
)

test(
  `garbage on streams of every protocol (seed ${seed})`,
  async () => {
    const peer = await stock({}, '127.0.0.4')
    let run = 0
    await attack('streams', samplesOf(streaming), async (victim, bytes) => {
      const protocol = PROTOCOLS[run++ % PROTOCOLS.length] as string
      const connection = await peer.dial(multiaddr(victim.address))
      const stream = await connection.newStream(protocol).catch(() => undefined)
      try {
        stream?.send(bytes)
      } catch {
        // The victim may have hung up already.
      }
      return () => stream?.abort(new Error('the end'))
    })
  },
  TIMEOUT_MS,
)
