/** What a member may do. Each role may do all that the roles before it may. */

/** `pull` holds ciphertext only, `read` opens it, `write` changes the catalogue, `manage` decides who is a member. */
export const ROLES = ['pull', 'read', 'write', 'manage', 'founder'] as const
export type Role = (typeof ROLES)[number]

/** A role as a number: its place in `ROLES`. -1 = no member. */
export type Level = -1 | 0 | 1 | 2 | 3 | 4

export const NO_MEMBER: Level = -1
export const PULL: Level = 0
export const WRITE: Level = 2
export const MANAGE: Level = 3
export const FOUNDER: Level = 4

export function levelOf(role: Role): Level {
  return ROLES.indexOf(role) as Level
}

/** Of a level that is a role. */
export function roleOf(level: Level): Role {
  return ROLES[Math.max(0, level)] as Role
}
