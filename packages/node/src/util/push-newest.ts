/** Appends to a list, of which the oldest go when there are more than `most`. */
export function pushNewest<T>(list: T[], item: T, most: number): void {
  list.push(item)
  if (list.length > most) list.splice(0, list.length - most)
}
