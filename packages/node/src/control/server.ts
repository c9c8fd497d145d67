/**
 * The control API of a running node, under `/v1` on the home's socket: HTTP and JSON, a bearer token always, no
 * effects of GET. Shares, fetches, listings and verifications answer with one JSON event a line for as long as the
 * operation lives, reads with bytes; the operation belongs to its connection and ends with it.
 */
import { chmod, lstat, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ShoalError, isShoalError } from '../errors.ts'
import { makeFolder } from '../util/make-folder.ts'
import { createApi } from './api.ts'
import type { ControlTarget } from './control-target.ts'
import { createGuard } from './guard.ts'
import { Operations } from './operations.ts'

/** The only host name that the socket answers to. */
export const CONTROL_HOST = 'localhost'

export interface ControlServer {
  stop: () => Promise<void>
}

export interface ControlServerInit {
  readonly socket: string
  readonly token: string
  readonly target: ControlTarget
}

/** @throws ShoalError ERR_HOME_INVALID when the socket cannot be made */
export async function startControlServer(init: ControlServerInit): Promise<ControlServer> {
  const stopping = new AbortController()
  const app = createApi({
    target: init.target,
    guard: createGuard({ token: init.token, host: CONTROL_HOST, origin: undefined }),
    operations: new Operations(),
    stopping: stopping.signal,
  })
  try {
    if (process.platform !== 'win32') {
      await makePrivateFolder(dirname(init.socket))
      // The lock on the home is ours: a socket that is still here belongs to a process that died.
      await rm(init.socket, { force: true })
    }
    await app.listen({ path: init.socket })
    if (process.platform !== 'win32') await chmod(init.socket, 0o600)
  } catch (cause) {
    await app.close()
    if (isShoalError(cause)) throw cause
    throw new ShoalError('ERR_HOME_INVALID', `cannot open the control socket ${init.socket}`, { cause })
  }
  return {
    stop: async () => {
      stopping.abort(new ShoalError('ERR_NODE_STOPPED', 'Shoal was stopped'))
      await app.close()
    },
  }
}

/** The socket may lie outside the home, where another user could have been first. */
async function makePrivateFolder(path: string): Promise<void> {
  await makeFolder(path, 0o700)
  const facts = await lstat(path)
  const isOurs = facts.isDirectory() && facts.uid === process.getuid?.() && (facts.mode & 0o022) === 0
  if (!isOurs)
    throw new ShoalError('ERR_HOME_INVALID', `${path} belongs to or may be changed by another user`)
}
