/** What a share's description is read through, whoever provides it. */
import type { CID } from 'multiformats/cid'
import type { BlockSink } from '../../store/block-sink.ts'

/** Nodes by CID, blocks by number, each verified against the root. */
export interface PlanReader {
  getNodes: (cids: readonly CID[]) => Promise<Uint8Array[]>
  /** Gets blocks into a sink; resolves when all are there. */
  getBlocks: (sink: BlockSink, blocks: readonly number[]) => Promise<void>
}
