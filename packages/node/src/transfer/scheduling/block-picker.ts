/** Which block is asked of a peer next. Two kinds: in the order given, and the rarest first. */

/** What a picker knows of a peer. */
export interface PickerPeer {
  /** Has everything, as it says. */
  readonly hasAll: boolean
  /** This node itself: what it has comes from nobody else for less. @defaultValue another device */
  readonly isOwn?: boolean
  /** The peer says that it has the block, and did not refuse it. */
  canGive: (block: number) => boolean
  /** The peer named this block, whether or not it also said that it has everything. */
  hasNamed: (block: number) => boolean
  /** The blocks that it named one by one. */
  named: () => Iterable<number>
}

export interface BlockPicker {
  /** Nothing is free, and nothing is left to become so. */
  readonly isEmpty: boolean
  /** Something is free that may be asked for now, of whomever. */
  readonly hasAskable: boolean
  enter: (peer: PickerPeer) => void
  leave: (peer: PickerPeer) => void
  /** The peer has one block more. */
  added: (peer: PickerPeer, block: number) => void
  /** The peer has everything. */
  addedAll: (peer: PickerPeer) => void
  /** A block for this peer. It is not free from now on. */
  take: (peer: PickerPeer) => number | undefined
  /** A taken block is free again. `unasked` is the peer for which it was taken just now, in vain. */
  give: (block: number, unasked?: PickerPeer) => void
  /** Takes this block, if it is free. */
  claim: (block: number) => boolean
  /** A free block for this peer is much better asked for than this one, which was taken for it. */
  hasBetter: (peer: PickerPeer, block: number) => boolean
  /** A taken block is here. */
  drop: (block: number) => void
}
