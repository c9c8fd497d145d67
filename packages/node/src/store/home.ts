/** Where things are in a home directory. */
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { ShoalError, diskError, systemCode } from '../errors.ts'
import type { Disk } from './disk.ts'

/** Longest path of a Unix socket that every system takes, in bytes. */
const MAX_SOCKET_PATH_BYTES = 100
const MAX_PORT = 65_535

export interface HomePaths {
  readonly home: string
  /** Path of the control socket; on Windows the name of a pipe. */
  readonly socket: string
  readonly tokenFile: string
  readonly portFile: string
  /** What the last node in the background printed. */
  readonly daemonLog: string
  /** The index of shares, made anew from their records when it is lost. */
  readonly indexFile: string
  /** Devices met before. */
  readonly peersFile: string
  /** Peers that sent wrong data. */
  readonly barredFile: string
  /** Folder with the record of each share. */
  readonly shares: string
  /** Shares of which the home has only the link. */
  readonly elsewhereFile: string
  /** Folder with what was shared from standard input. */
  readonly inputs: string
  /** Folder with what clients hand in piece by piece. */
  readonly uploads: string
}

export function homePaths(home: string, env: Readonly<Record<string, string | undefined>>): HomePaths {
  const absolute = resolve(home)
  return {
    home: absolute,
    socket: socketPath(absolute, env),
    tokenFile: join(absolute, 'token'),
    portFile: join(absolute, 'port'),
    daemonLog: join(absolute, 'daemon.log'),
    indexFile: join(absolute, 'index.db'),
    peersFile: join(absolute, 'peers.json'),
    barredFile: join(absolute, 'barred.json'),
    shares: join(absolute, 'shares'),
    elsewhereFile: join(absolute, 'shares', 'elsewhere'),
    inputs: join(absolute, 'inputs'),
    uploads: join(absolute, 'uploads'),
  }
}

function socketPath(home: string, env: Readonly<Record<string, string | undefined>>): string {
  const id = createHash('sha256').update(home).digest('hex').slice(0, 32)
  if (process.platform === 'win32') return `\\\\.\\pipe\\shoal-${id}`
  const beside = join(home, 'control.sock')
  if (Buffer.byteLength(beside) <= MAX_SOCKET_PATH_BYTES) return beside
  const runtime = env['XDG_RUNTIME_DIR'] ?? join(tmpdir(), `shoal-${userInfo().uid}`)
  return join(runtime, `shoal-${id}.sock`)
}

/** The port that the home keeps, or undefined when none was chosen yet. */
export async function loadPort(paths: HomePaths): Promise<number | undefined> {
  let text: string
  try {
    text = await readFile(paths.portFile, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw diskError(error, `reading ${paths.portFile}`)
  }
  // What a write that was cut off left, of a version that wrote it in place.
  if (text.trim() === '') return undefined
  const port = Number(text.trim())
  if (Number.isInteger(port) && port > 0 && port <= MAX_PORT) return port
  throw new ShoalError('ERR_HOME_INVALID', `${paths.portFile} holds no port`, { hint: 'Remove that file.' })
}

/** Keeps it, whole or not at all. @throws ShoalError ERR_DISK_FULL, ERR_PERMISSION, ERR_DISK */
export async function savePort(
  { portFile }: HomePaths,
  port: number,
  disk: Pick<Disk, 'replaceFile'>,
): Promise<void> {
  try {
    await disk.replaceFile(portFile, Buffer.from(`${port}\n`))
  } catch (error) {
    throw diskError(error, `writing ${portFile}`)
  }
}

/**
 * Writes what clients of the control API show. One that is cut off is written anew at the next start.
 *
 * @throws ShoalError ERR_DISK_FULL, ERR_PERMISSION, ERR_DISK
 */
export async function saveToken({ tokenFile }: HomePaths, token: string): Promise<void> {
  try {
    await writeFile(tokenFile, `${token}\n`, { mode: 0o600 })
  } catch (error) {
    throw diskError(error, `writing ${tokenFile}`)
  }
}
