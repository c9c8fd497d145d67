/** Makes new names in a folder durable. */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

export async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder for this; NTFS journals its metadata.
  if (process.platform === 'win32') return
  const handle = await open(path, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
