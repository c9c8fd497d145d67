/** Opens what a link names, whichever its format. Nothing that a peer tells of it is trusted before it was checked. */
import { basename } from 'node:path'
import { DAG_CBOR } from '../../content/cid.ts'
import type { Link } from '../../content/link.ts'
import { ShoalError } from '../../errors.ts'
import type { BlockWorkers } from '../../store/block-workers.ts'
import type { FetchPlan } from './fetch-plan.ts'
import { findPublic, publicName } from './listing.ts'
import type { PlanReader } from '../swarm/plan-reader.ts'
import { openPublic } from './public-plan.ts'
import { openSealed } from './sealed-plan.ts'

export interface OpenPlanInit {
  readonly link: Link
  /** As `joinPath` gives it: what is opened of public content; empty for all of it, and for sealed content. */
  readonly path: string
  readonly reader: PlanReader
  readonly workers: BlockWorkers
}

/**
 * @throws ShoalError ERR_LINK_INCOMPLETE, ERR_WRONG_KEY, ERR_NOT_IN_SHARE, ERR_CONTENT_INVALID, ERR_LIMIT,
 *   ERR_UNSAFE_NAME, and what the reader throws
 */
export async function openPlan({ link, path, reader, workers }: OpenPlanInit): Promise<FetchPlan> {
  if (link.key !== undefined) return await openSealed(link.root, link.key, reader, workers)
  if (link.root.code === DAG_CBOR) {
    throw new ShoalError('ERR_LINK_INCOMPLETE', 'this link is cut off: the key after # is missing')
  }
  const root = await findPublic({ link, path, reader })
  return await openPublic(root, path === '' ? publicName(link) : basename(path), reader)
}
