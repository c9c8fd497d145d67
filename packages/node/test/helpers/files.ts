/** Temporary folders and files for tests. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A fresh folder that is removed when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'shoal-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** What stands at a path; null: a folder. */
export type Tree = Readonly<Record<string, Uint8Array | string | null>>

/** Writes files below a folder. */
export async function writeTree(folder: string, tree: Tree): Promise<void> {
  for (const [path, content] of Object.entries(tree)) {
    const target = join(folder, path)
    if (content === null) {
      await mkdir(target, { recursive: true })
    } else {
      await mkdir(dirname(target), { recursive: true })
      await writeFile(target, content)
    }
  }
}

/** A fresh folder of this name with files in it, which is removed when the test ends. */
export async function folderOf(name: string, tree: Tree): Promise<string> {
  const folder = join(await temporaryFolder(), name)
  await writeTree(folder, tree)
  return folder
}
