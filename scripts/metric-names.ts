/** Names of metrics in a text. */

interface Named {
  readonly name: string
  readonly type: string
}

const NAME = /\b(?:shoal|process|nodejs)_[a-z0-9_]+\b/g
const SUFFIXES = ['_bucket', '_sum', '_count']

/** What looks like the name of a metric of ours in a text, and is none. */
export function unknownMetrics(text: string, metrics: readonly Named[]): string[] {
  const known = new Set(
    metrics.flatMap(({ name, type }) =>
      type === 'histogram' ? [name, ...SUFFIXES.map((suffix) => `${name}${suffix}`)] : [name],
    ),
  )
  return [...new Set(text.match(NAME))].filter((name) => !known.has(name))
}
