/** Compares what stands on the disk. */
import { createHash } from 'node:crypto'
import { lstat, readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Everything below a path: relative path to digest; folders to `folder`, links to `link`. */
export async function treeOf(path: string): Promise<Map<string, string>> {
  const tree = new Map<string, string>()
  await look(path, '', tree)
  return tree
}

async function look(base: string, path: string, tree: Map<string, string>): Promise<void> {
  const full = join(base, path)
  const facts = await lstat(full)
  if (facts.isDirectory()) {
    tree.set(path, 'folder')
    for (const name of (await readdir(full)).sort()) await look(base, join(path, name), tree)
  } else if (facts.isFile()) {
    tree.set(
      path,
      createHash('sha256')
        .update(await readFile(full))
        .digest('hex'),
    )
  } else {
    tree.set(path, 'link')
  }
}

/** As `treeOf`, with modes and times: tells whether anything was touched, whatever its content. */
export async function factsOf(path: string): Promise<Map<string, string>> {
  const facts = await treeOf(path)
  for (const [at, content] of facts) {
    const { mode, mtimeNs } = await lstat(join(path, at), { bigint: true })
    facts.set(at, `${mode} ${mtimeNs} ${content}`)
  }
  return facts
}

/** Paths of the files below a folder, links not followed. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

/** What differs, a line each; nothing when both are the same. */
export function differences(
  found: ReadonlyMap<string, string>,
  wanted: ReadonlyMap<string, string>,
): string[] {
  const lines: string[] = []
  for (const [path, digest] of wanted) {
    if (!found.has(path)) lines.push(`missing: ${path}`)
    else if (found.get(path) !== digest) lines.push(`differs: ${path}`)
  }
  for (const path of found.keys()) if (!wanted.has(path)) lines.push(`additional: ${path}`)
  return lines
}

/** Names in a folder; none when it is not there. */
export async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [] as string[])).sort()
}
