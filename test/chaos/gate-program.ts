/**
 * The two other processes of the half-open test.
 *
 * `victim PRESET` listens and, for each line on stdin, prints what its event loop and its gate say since the last one.
 * `attacker PORT COUNT HOST...` holds COUNT idle sockets from these addresses and opens each anew when it is closed.
 */
import { connect } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { startGated } from '../../packages/node/test/helpers/gated-host.ts'

const [role, ...args] = process.argv.slice(2)
const say = (fields: object): void => console.log(JSON.stringify(fields))
process.stdin.on('end', () => process.exit(0))

if (role === 'victim') {
  const { libp2p, gate } = await startGated({ preset: args[0] as 'public' | 'private' })
  const lag = monitorEventLoopDelay({ resolution: 1 })
  lag.enable()
  createInterface(process.stdin).on('line', () => {
    const { rss } = process.memoryUsage()
    const [p99Ms, maxMs] = [lag.percentile(99) / 1e6, lag.max / 1e6]
    lag.reset()
    say({ type: 'stats', p99Ms, maxMs, rssMiB: rss / 1_048_576, ...gate.stats() })
  })
  say({ type: 'ready', address: String(libp2p.getMultiaddrs()[0]) })
} else {
  const [port, count, ...hosts] = args
  let opened = 0
  let open = 0
  const hold = (localAddress: string): void => {
    const socket = connect({ host: '127.0.0.1', port: Number(port), localAddress })
    let isOpen = false
    socket.on('connect', () => {
      isOpen = true
      opened++
      open++
    })
    // Read on, or its end is never noticed.
    socket.resume()
    socket.on('error', () => {})
    socket.on('close', () => {
      if (isOpen) open--
      setImmediate(hold, localAddress)
    })
  }
  for (let i = 0; i < Number(count); i++) hold(hosts[i % hosts.length] as string)
  createInterface(process.stdin).on('line', () => say({ type: 'stats', opened, open }))
  say({ type: 'ready' })
}
