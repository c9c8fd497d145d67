/** A map or a set, which both go through what they hold in the order in which it was put in. */
export interface Ordered<K> {
  readonly size: number
  keys: () => Iterable<K>
  delete: (key: K) => boolean
}

/** Forgets what was put in longest ago until at most `most` are left. What is taken out and put in again counts as new. */
export function keepNewest<K>(collection: Ordered<K>, most: number): void {
  for (const oldest of collection.keys()) {
    if (collection.size <= most) return
    collection.delete(oldest)
  }
}
