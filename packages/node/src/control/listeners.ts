/** Where the control API listens: the socket of the home, and loopback TCP. */
import { chmod, lstat, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { dirname } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { ShoalError, isShoalError } from '../errors.ts'
import { makeFolder } from '../util/make-folder.ts'
import { LOOPBACK } from './guard.ts'
import { MAX_SOCKET_CLIENTS, MAX_TCP_CLIENTS } from './limits.ts'

/** @throws ShoalError ERR_HOME_INVALID when the socket cannot be made */
export async function listenOnSocket(app: FastifyInstance, path: string): Promise<void> {
  app.server.maxConnections = MAX_SOCKET_CLIENTS
  try {
    if (process.platform !== 'win32') {
      await makePrivateFolder(dirname(path))
      // The lock on the home is ours: a socket that is still here belongs to a process that died.
      await rm(path, { force: true })
    }
    await app.listen({ path })
    if (process.platform !== 'win32') await chmod(path, 0o600)
  } catch (cause) {
    if (isShoalError(cause)) throw cause
    throw new ShoalError('ERR_HOME_INVALID', `cannot open the control socket ${path}`, { cause })
  }
}

/** Returns the base URL. @throws ShoalError ERR_LISTEN */
export async function listenOnTcp(app: FastifyInstance): Promise<string> {
  app.server.maxConnections = MAX_TCP_CLIENTS
  try {
    await app.listen({ host: LOOPBACK, port: 0 })
  } catch (cause) {
    throw new ShoalError('ERR_LISTEN', `cannot open the control API on ${LOOPBACK}`, {
      cause,
      hint: 'Run it without: --api-tcp off.',
    })
  }
  const { port } = app.server.address() as AddressInfo
  return `http://${LOOPBACK}:${port}`
}

/** The socket may lie outside the home, where another user could have been first. */
async function makePrivateFolder(path: string): Promise<void> {
  await makeFolder(path, 0o700)
  const facts = await lstat(path)
  const isOurs = facts.isDirectory() && facts.uid === process.getuid?.() && (facts.mode & 0o022) === 0
  if (!isOurs)
    throw new ShoalError('ERR_HOME_INVALID', `${path} belongs to or may be changed by another user`)
}
