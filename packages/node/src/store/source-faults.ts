/** Reads what is to be shared, and tells a source that cannot be read apart from a failing disk. */
import { ShoalError, diskError, systemCode } from '../errors.ts'
import { escapeForDisplay } from '../util/display.ts'
import type { Disk, FileFacts } from './disk.ts'

/** @throws ShoalError as `unreadable` */
export async function readFacts(path: string, disk: Disk, at?: string): Promise<FileFacts | undefined> {
  try {
    return await disk.facts(path, at)
  } catch (error) {
    throw unreadable(path, error)
  }
}

/** @throws ShoalError as `unreadable` */
export async function listFolder(path: string, disk: Disk, at: string): Promise<Buffer[]> {
  try {
    return await disk.list(path, at)
  } catch (error) {
    throw unreadable(path, error)
  }
}

/** The error for a source that cannot be read. */
export function unreadable(path: string, error: unknown): unknown {
  const shown = escapeForDisplay(path)
  switch (systemCode(error)) {
    case 'EACCES':
    case 'EPERM':
      return new ShoalError('ERR_SOURCE_UNREADABLE', `no permission to read ${shown}`, { cause: error })
    case 'ENOENT':
      return new ShoalError('ERR_SOURCE_MISSING', `${shown} is gone`, { cause: error })
    default:
      return diskError(error, `reading ${shown}`)
  }
}
