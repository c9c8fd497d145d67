/** Parts of links, taken apart as text: what a test alters is not what the program reads it with. */

/** The key of a private link; empty for a public one. */
export function keyOf(link: string): string {
  return /#([\w-]{48})/.exec(link)?.[1] ?? ''
}

/** A link to what `link` names, with the key of another. */
export function withKeyOf(link: string, other: string): string {
  return link.replace(keyOf(link), keyOf(other))
}
