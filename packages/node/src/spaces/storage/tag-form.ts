/** The form in which a tag is compared with one that is searched for. */
export function foldTag(tag: string): string {
  return tag.normalize('NFC').toLowerCase()
}
