/** What `shoal space` is asked for, as data. */
import type { SpaceRole } from '@shoal/node/control'
import type { NodeFlags } from '../with-node.ts'

/** Which space, as given: its id, a part of that, or its name. */
interface InSpace {
  readonly space: string
}

/** Files of a space: each is a path in it, or a folder for all that is below. Empty: all of it. */
interface OfPaths extends InSpace {
  readonly paths: readonly string[]
}

interface Tasks {
  readonly create: { readonly name: string }
  readonly list: object
  readonly ls: InSpace & { readonly path: string | undefined }
  readonly search: InSpace & { readonly query: string }
  readonly watch: InSpace & { readonly query: string }
  readonly add: InSpace & {
    /** Of this device, absolute. */
    readonly files: readonly string[]
    readonly at: string | undefined
    readonly tags: readonly string[]
  }
  readonly get: OfPaths & {
    /** Absolute. */
    readonly directory: string
    readonly overwrite: boolean
    readonly waitMs: number | undefined
  }
  readonly mv: InSpace & { readonly from: string; readonly to: string }
  readonly rm: OfPaths
  readonly restore: OfPaths
  readonly tag: OfPaths & { readonly tags: readonly string[]; readonly untag: readonly string[] }
  readonly note: InSpace & { readonly path: string; readonly text: string }
  readonly title: InSpace & { readonly path: string; readonly text: string }
  readonly log: InSpace & { readonly path: string | undefined }
  /** Changes are ids, or the beginnings of some; none: the last of this device. */
  readonly undo: InSpace & { readonly changes: readonly string[] }
  readonly members: InSpace
  readonly role: InSpace & { readonly member: string; readonly role: SpaceRole }
  readonly remove: InSpace & { readonly member: string }
  readonly leave: InSpace
  readonly invite: InSpace & {
    readonly role: InviteRole | undefined
    /** How long it holds, in milliseconds; 0 = for ever. */
    readonly forMs: number | undefined
    readonly uses: number | undefined
    readonly isInstant: boolean
  }
  readonly join: {
    /** Or `-`. */
    readonly link: string
    readonly name: string | undefined
    readonly waitMs: number | undefined
  }
  readonly approve: InSpace & {
    /** Undefined: all that ask are to be listed. */
    readonly request: string | undefined
    readonly refuse: boolean
  }
  readonly invitations: InSpace
  readonly revoke: InSpace & { readonly id: string }
  readonly check: InSpace
  /** File: absolute; undefined: standard output. */
  readonly export: InSpace & { readonly file: string | undefined }
}

export type InviteRole = Exclude<SpaceRole, 'founder'>
export const INVITE_ROLES = ['pull', 'read', 'write', 'manage'] as const satisfies readonly InviteRole[]
export const MEMBER_ROLES = [...INVITE_ROLES, 'founder'] as const satisfies readonly SpaceRole[]

export type SpaceAction = keyof Tasks
export type TaskOf<Action extends SpaceAction> = Tasks[Action] & { readonly action: Action }
export type SpaceTask = { [Action in SpaceAction]: TaskOf<Action> }[SpaceAction]

export interface SpaceArguments {
  readonly command: 'space'
  readonly node: NodeFlags
  readonly task: SpaceTask
}
