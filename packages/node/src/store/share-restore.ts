/** A share and its record: what of a finished pass is kept, and the pass put together again without reading a file. */
import { isShoalError } from '../errors.ts'
import { entryDigests, restorePublic } from './publishing.ts'
import { joinPages, restoreSealed } from './sealing.ts'
import type { ShareSpec } from './share-lookup.ts'
import type { MadeShare } from './share-maker.ts'
import type { SharePlan } from './share-plan.ts'
import type { ShareRecord } from './share-record.ts'

export function recordOf(spec: ShareSpec, made: MadeShare, madeMs: number): ShareRecord {
  const { root, key, kind, bytes, entries, plan } = made
  const head = { ...spec, root, kind, bytes, madeMs, ...(key === undefined ? {} : { key }) }
  if (plan.form === 'sealed') return { ...head, entries, manifest: plan.manifest, digests: plan.digests }
  return { ...head, entries, manifest: joinPages('', kind, entries), digests: entryDigests(plan) }
}

/** The share of a record; undefined when the record gives another root than it names. */
export function restoreShare(id: string, record: ShareRecord): MadeShare | undefined {
  const { root, key, name, kind, bytes, entries } = record
  const plan = planOf(record)
  const actual = plan?.form === 'sealed' ? plan.root.cid : plan?.root
  if (plan === undefined || actual?.equals(root) !== true) return undefined
  const files = entries.reduce((count, entry) => count + (entry.kind === 'file' ? 1 : 0), 0)
  return { id, plan, entries, root, name, kind, bytes, files, ...(key === undefined ? {} : { key }) }
}

function planOf({ key, entries, manifest, digests, preserve }: ShareRecord): SharePlan | undefined {
  try {
    if (key === undefined) return { form: 'public', ...restorePublic(entries, digests, preserve) }
    return { form: 'sealed', ...restoreSealed({ shareKey: key, digests, manifest, entries }) }
  } catch (error) {
    if (isShoalError(error)) return undefined
    throw error
  }
}
