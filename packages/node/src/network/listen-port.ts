/**
 * The port that a home keeps: chosen once, so that a provider can be restarted and its links stay good. Another
 * one is used only while it is taken.
 */
import { createServer } from 'node:net'
import { ShoalError } from '../errors.ts'

/** Where the port of a home is remembered. */
export interface PortMemory {
  load: () => Promise<number | undefined>
  save: (port: number) => Promise<void>
}

/** Replaces port 0 in `listen` by the home's port, which is chosen and remembered at the first call. */
export async function resolveListen(listen: readonly string[], memory: PortMemory): Promise<string[]> {
  if (!listen.some(hasOpenPort)) return [...listen]
  const kept = await memory.load()
  let port = kept
  if (port === undefined || !(await isFree(port))) {
    port = await freePort()
    if (kept === undefined) await memory.save(port)
  }
  return listen.map((address) => (hasOpenPort(address) ? address.replace('/tcp/0', `/tcp/${port}`) : address))
}

function hasOpenPort(address: string): boolean {
  return /\/tcp\/0(\/|$)/.test(address)
}

/** Free on IPv4, where every host listens; a machine that holds it on IPv6 alone is left to libp2p to tell. */
async function isFree(port: number): Promise<boolean> {
  try {
    await freePort(port)
    return true
  } catch {
    return false
  }
}

function freePort(wanted = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(wanted, () => {
      const address = server.address()
      server.close(() => {
        if (address === null || typeof address === 'string') {
          reject(new ShoalError('ERR_LISTEN', 'the system gave no port'))
        } else {
          resolve(address.port)
        }
      })
    })
  })
}
