/** A proxy on loopback that notes when how many bytes came from the server: what passes is seen from outside. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface CountingProxy extends AsyncDisposable {
  readonly port: number
  /** Bytes from the server so far, in slots of `SLOT_MS` since the first one of them. */
  readonly slots: readonly number[]
  /** Time since the first of them. */
  readonly elapsedMs: number
}

export const SLOT_MS = 100

export async function countingProxy(target: number): Promise<CountingProxy> {
  const sockets = new Set<Socket>()
  const slots: number[] = []
  let startMs: number | undefined
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
    }
    upstream.on('data', ({ byteLength }) => {
      const now = performance.now()
      startMs ??= now
      const slot = Math.floor((now - startMs) / SLOT_MS)
      while (slots.length <= slot) slots.push(0)
      slots[slot] = (slots[slot] ?? 0) + byteLength
    })
    client.pipe(upstream).pipe(client)
    upstream.on('close', () => client.destroy())
    client.on('close', () => upstream.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    slots,
    get elapsedMs() {
      return startMs === undefined ? 0 : performance.now() - startMs
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}

/** Bytes per second of the fullest and the emptiest stretch of `seconds` within the first `withinSeconds`. */
export function extremes(
  slots: readonly number[],
  { seconds, fromSecond = 0, toSecond }: { seconds: number; fromSecond?: number; toSecond: number },
): { most: number; least: number } {
  const perSecond = 1_000 / SLOT_MS
  const length = seconds * perSecond
  let most = 0
  let least = Number.POSITIVE_INFINITY
  for (let at = fromSecond * perSecond; at + length <= toSecond * perSecond; at++) {
    const bytes = slots.slice(at, at + length).reduce((a, b) => a + b, 0)
    most = Math.max(most, bytes / seconds)
    least = Math.min(least, bytes / seconds)
  }
  return { most, least }
}
