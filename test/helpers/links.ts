/** Parts of links, taken apart as text: what a test alters is not what the program reads it with. */
import { join } from 'node:path'
import type { ShoalNode } from '@shoal/node'
import { folderOf } from './nodes.ts'

/** The key of a private link; empty for a public one. */
export function keyOf(link: string): string {
  return /#([\w-]{48})/.exec(link)?.[1] ?? ''
}

/** A link to what `link` names, with the key of another. */
export function withKeyOf(link: string, other: string): string {
  return link.replace(keyOf(link), keyOf(other))
}

/** A link to something that a node shares, with the key of something else that it shares. */
export async function linkWithWrongKey(
  node: ShoalNode,
): Promise<{ readonly good: string; readonly wrong: string }> {
  const folder = await folderOf('two', { a: 'first', b: 'second' })
  const [first, second] = [await node.share(join(folder, 'a')), await node.share(join(folder, 'b'))]
  return { good: first.link, wrong: withKeyOf(first.link, second.link) }
}
