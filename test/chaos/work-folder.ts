/** The folder that the tests of a file work in. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'

/** Makes it and runs `setUp` with it before the first test; removes it after the last, and after what the file itself ends. */
export function withWorkFolder(setUp: (folder: string) => Promise<void> | void): void {
  let folder: string | undefined
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shoal-chaos-'))
    await setUp(folder)
  })
  afterAll(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  })
}
