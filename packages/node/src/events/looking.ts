/** What looking at content tells: what it is, a listing, a read, a comparison. */
/** One file or folder of a share that is listed. */
export interface EntryEvent {
  readonly type: 'entry'
  /** Names joined by `/`, relative to the share's own folder; of a share that is a single file its name. */
  readonly path: string
  /** 0 for a folder. */
  readonly bytes: number
  /** Links and special files are in no share. */
  readonly kind: 'file' | 'folder'
  /** Last change in milliseconds since 1970; null where the share does not say. */
  readonly mtime: number | null
}

/** What a link names, or what stands at one path of it. */
export interface StatEvent {
  readonly type: 'stat'
  /** CID of the whole content, as text. */
  readonly root: string
  /** As it was asked for, relative to the share's own folder; empty for the share itself. */
  readonly path: string
  /** Under which a fetch saves it; nobody judged it yet. */
  readonly name: string
  /** A single file, or a folder with all that is in it. */
  readonly kind: 'file' | 'folder'
  /** Sum of file sizes. */
  readonly bytes: number
  /** Files and folders in it; 1 for a single file. */
  readonly entries: number
  /** Last change of a single file in milliseconds since 1970; null of a folder, and where the share does not say. */
  readonly mtime: number | null
  /** false: public, readable by all who know the root. */
  readonly sealed: boolean
}

/** What of which file a read gives; comes before its first byte. */
export interface ContentEvent {
  readonly type: 'content'
  /** CID of the whole content, as text. */
  readonly root: string
  /** As `EntryEvent.path`. */
  readonly path: string
  /** Bytes of the whole file. */
  readonly size: number
  /** The first byte that comes, from 0. */
  readonly from: number
  /** How many bytes come. */
  readonly bytes: number
}

/** A read gave its last byte. */
export interface ReadEndEvent {
  readonly type: 'end'
  /** Verified payload bytes that came over the network for it. */
  readonly bytesFetched: number
}

/** A file or folder that is missing, or not what a link names. */
export interface BadEvent {
  readonly type: 'bad'
  /** As `EntryEvent.path`. */
  readonly path: string
}
