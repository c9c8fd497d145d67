/**
 * A bounded number of places, shared between owners in groups. When all are taken, a newcomer gets the place of
 * whoever holds most: of the group with most places the owner with most, of this one the oldest. So a stranger who
 * takes everything takes it from himself.
 */

interface Place {
  readonly group: string
  readonly owner: string
}

interface Group<T> {
  size: number
  readonly owners: Map<string, Set<T>>
}

export class FairSlots<T> {
  readonly #capacity: number
  readonly #perOwner: number
  readonly #places = new Map<T, Place>()
  readonly #groups = new Map<string, Group<T>>()

  /** @param perOwner most places of one owner; one more costs this owner its oldest */
  constructor(capacity: number, perOwner = capacity) {
    this.#capacity = capacity
    this.#perOwner = perOwner
  }

  get size(): number {
    return this.#places.size
  }

  /** Places of one owner. */
  ownedBy(group: string, owner: string): number {
    return this.#groups.get(group)?.owners.get(owner)?.size ?? 0
  }

  /** Gives `item` a place. Returns who lost its own for it, if anyone did. */
  take(item: T, group: string, owner: string): T | undefined {
    this.release(item)
    const own = this.#groups.get(group)?.owners.get(owner)
    let evicted: T | undefined
    if (own !== undefined && own.size >= this.#perOwner) evicted = oldest(own)
    else if (this.#places.size >= this.#capacity) evicted = this.#heaviest()
    if (evicted !== undefined) this.release(evicted)
    this.#add(item, group, owner)
    return evicted
  }

  /** Gives the place back; nothing happens when it has none. */
  release(item: T): void {
    const place = this.#places.get(item)
    if (place === undefined) return
    this.#places.delete(item)
    const group = this.#groups.get(place.group) as Group<T>
    const own = group.owners.get(place.owner) as Set<T>
    own.delete(item)
    group.size--
    if (own.size === 0) group.owners.delete(place.owner)
    if (group.size === 0) this.#groups.delete(place.group)
  }

  #add(item: T, name: string, owner: string): void {
    let group = this.#groups.get(name)
    if (group === undefined) {
      group = { size: 0, owners: new Map() }
      this.#groups.set(name, group)
    }
    let own = group.owners.get(owner)
    if (own === undefined) {
      own = new Set()
      group.owners.set(owner, own)
    }
    own.add(item)
    group.size++
    this.#places.set(item, { group: name, owner })
  }

  #heaviest(): T | undefined {
    let group: Group<T> | undefined
    for (const candidate of this.#groups.values()) {
      if (group === undefined || candidate.size > group.size) group = candidate
    }
    let own: Set<T> | undefined
    for (const candidate of group?.owners.values() ?? []) {
      if (own === undefined || candidate.size > own.size) own = candidate
    }
    return own === undefined ? undefined : oldest(own)
  }
}

/** A set keeps the order in which it was filled. */
function oldest<T>(items: ReadonlySet<T>): T | undefined {
  for (const item of items) return item
  return undefined
}
