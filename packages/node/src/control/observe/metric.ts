/** A metric as data: what it is called and means, and how it is read when somebody asks. The document is written from this. */
import type { Distribution } from '../../util/distribution.ts'
import type { NodeFacts } from './node-facts.ts'

type Labels = Readonly<Record<string, string>>

/** One number, or how many are spread, of one combination of labels. */
export interface Sample<V = number> {
  readonly labels?: Labels
  readonly value: V
}

interface Described {
  /** Conventional: prefix, base unit, and `_total` where it only grows. */
  readonly name: string
  /** One sentence for who reads the document. */
  readonly help: string
  /** Each label with the values that it may have; a text says where they come from. All of them are few. */
  readonly labels?: Readonly<Record<string, readonly string[] | string>>
}

/** No samples: it does not apply to this node. */
type Read<S> = (facts: NodeFacts) => readonly S[] | Promise<readonly S[]>

export type Metric = Described &
  (
    | { readonly type: 'counter' | 'gauge'; readonly read: Read<Sample> }
    | { readonly type: 'histogram'; readonly read: Read<Sample<Distribution>> }
  )

/** One sample for each entry, by its name. */
export function byName(label: string, values: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }))
}

/** One sample without labels; none where there is nothing to tell. */
export function only(value: number | undefined): Sample[] {
  return value === undefined ? [] : [{ value }]
}
