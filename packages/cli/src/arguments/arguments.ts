/** What the command line asks for, as data. */
import type { ConfigChanges, ConfigKey } from '@shoal/node/control'
import type { ByteRange } from '../byte-range.ts'
import type { NodeFlags } from '../with-node.ts'
import type { SpaceArguments } from './space-tasks.ts'

export interface ShareArguments {
  readonly command: 'share'
  readonly node: NodeFlags
  /** Absolute. */
  readonly paths: readonly string[]
  /** Standard input is shared, and no path. */
  readonly isInput: boolean
  readonly name: string | undefined
  readonly public: boolean
  readonly preserve: boolean
  readonly skipUnreadable: boolean
  readonly fresh: boolean
  /** Devices that got everything, after which it ends. */
  readonly times: number | undefined
  /** Patterns, as given. */
  readonly exclude: readonly string[]
  /** How long it is served, in milliseconds; 0 until it is stopped. */
  readonly forMs: number
  /** The node in the background goes on with it. */
  readonly isDetached: boolean
}

export interface FetchArguments {
  readonly command: 'fetch'
  readonly node: NodeFlags
  /** As given: `-` means that it comes from elsewhere. */
  readonly link: string
  readonly directory: string
  /** Patterns, as given. */
  readonly only: readonly string[]
  readonly overwrite: boolean
  /** Serve it to others when it is here. */
  readonly seed: boolean
  /** The content goes to standard output, and nothing to the folder. */
  readonly isToStdout: boolean
  readonly waitMs: number | undefined
  /** The node in the background does it. */
  readonly isDetached: boolean
}

export interface CatArguments {
  readonly command: 'cat'
  readonly node: NodeFlags
  /** As given: `-` means that it comes from elsewhere. */
  readonly link: string
  readonly path: string | undefined
  readonly range: ByteRange | undefined
  readonly waitMs: number | undefined
}

export interface ListArguments {
  readonly command: 'ls'
  readonly node: NodeFlags
  /** As given: `-` means that it comes from elsewhere. */
  readonly link: string
  readonly path: string | undefined
  readonly waitMs: number | undefined
}

export interface VerifyArguments {
  readonly command: 'verify'
  readonly node: NodeFlags
  readonly path: string
  /** As given: `-` means that it comes from elsewhere. */
  readonly link: string
  readonly waitMs: number | undefined
}

/** A command that takes nothing of its own. */
export interface PlainArguments {
  readonly command: 'shares' | 'status' | 'peers' | 'doctor'
  readonly node: NodeFlags
}

export const ID_ACTIONS = ['export', 'import'] as const

/** What is done with the identity of a home. */
export interface IdTask {
  readonly action: (typeof ID_ACTIONS)[number]
  /** Absolute. */
  readonly file: string
  /** Absolute; undefined: a person types it. */
  readonly passphraseFile: string | undefined
}

export interface IdArguments {
  readonly command: 'id'
  readonly node: NodeFlags
  /** Undefined: it is printed. */
  readonly task: IdTask | undefined
}

export const DAEMON_ACTIONS = ['start', 'stop', 'status', 'run', 'install', 'uninstall'] as const

export interface DaemonArguments {
  readonly command: 'daemon'
  readonly node: NodeFlags
  readonly action: (typeof DAEMON_ACTIONS)[number]
}

export interface UnshareArguments {
  readonly command: 'unshare'
  readonly node: NodeFlags
  /** A link, or the first part of one. */
  readonly link: string
}

export const FETCH_ACTIONS = ['pause', 'resume', 'cancel'] as const
export type FetchAction = (typeof FETCH_ACTIONS)[number]

export interface FetchesArguments {
  readonly command: 'fetches'
  readonly node: NodeFlags
  /** Undefined: all are listed. The id may be its beginning. */
  readonly change: { readonly action: FetchAction; readonly id: string } | undefined
}

export const CONFIG_ACTIONS = ['get', 'set', 'list'] as const

/** What `shoal config` is asked for. */
export type ConfigTask =
  | { readonly action: 'list' }
  | { readonly action: 'get'; readonly key: ConfigKey }
  | { readonly action: 'set'; readonly changes: ConfigChanges }

export interface ConfigArguments {
  readonly command: 'config'
  readonly node: NodeFlags
  readonly task: ConfigTask
}

/** Help, version or a script: text for stdout. */
export interface TextAnswer {
  readonly command: 'text'
  readonly text: string
}

export type Arguments =
  | ShareArguments
  | FetchArguments
  | ListArguments
  | CatArguments
  | VerifyArguments
  | PlainArguments
  | IdArguments
  | DaemonArguments
  | ConfigArguments
  | UnshareArguments
  | FetchesArguments
  | SpaceArguments
  | TextAnswer
