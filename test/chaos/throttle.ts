/** A TCP proxy on loopback that lets through only so many bytes a second towards who connects. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** Between two refills, in milliseconds. */
const REFILL_MS = 10

export interface Throttle {
  /** Where it listens. */
  readonly port: number
  /** Bytes let through to who connected, so far. */
  readonly passed: () => number
  /** Resolves when that many bytes were let through. */
  readonly whenPassed: (bytes: number) => Promise<void>
  readonly close: () => Promise<void>
}

/** @param target port on loopback that it stands before; `bytesPerSecond` for all connections together */
export async function startThrottle(target: number, bytesPerSecond: number): Promise<Throttle> {
  const share = (bytesPerSecond * REFILL_MS) / 1_000
  const sockets = new Set<Socket>()
  const waiting = new Set<{ bytes: number; resolve: () => void }>()
  let passed = 0
  let allowance = 0
  const outlets = new Set<() => void>()

  const timer = setInterval(() => {
    // What was not used is not saved up: a burst would end inside of buffers.
    allowance = share
    for (const outlet of outlets) outlet()
  }, REFILL_MS)

  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    client.pipe(upstream)
    const outlet = (): void => {
      while (allowance > 0) {
        const bytes = (upstream.read(Math.min(Math.ceil(allowance), upstream.readableLength)) ??
          undefined) as Buffer | undefined
        if (bytes === undefined || bytes.byteLength === 0) return
        allowance -= bytes.byteLength
        passed += bytes.byteLength
        client.write(bytes)
        for (const waiter of waiting) if (passed >= waiter.bytes) waiter.resolve()
      }
    }
    // Paused: read by hand, so that what is over waits with the sender.
    upstream.on('readable', outlet)
    outlets.add(outlet)
    upstream.on('close', () => outlets.delete(outlet))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    passed: () => passed,
    whenPassed: (bytes) =>
      new Promise((resolve) => {
        if (passed >= bytes) resolve()
        waiting.add({ bytes, resolve })
      }),
    close: async () => {
      clearInterval(timer)
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
