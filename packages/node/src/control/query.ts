/** Options as the query of a request; what is undefined is left out. */
export function queryOf(options: object): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(options)) if (value !== undefined) query.set(key, String(value))
  return query.toString()
}
