/** `shoal space`: its commands for spaces as such, and for who is in them. */
import { MAX_SPACE_NAME_BYTES } from '@shoal/node/control'
import { SPACE_USAGE } from '../strings/space-errors.ts'
import { SPACE_APPROVE_OPTIONS, SPACE_INVITE_OPTIONS, SPACE_JOIN_OPTIONS } from '../strings/space-options.ts'
import { usageError } from '../usage-errors.ts'
import type { CommandLine } from './command-line.ts'
import { addFlag, addValue, duration, text } from './options.ts'
import { choice } from './own.ts'
import { declareSpaceChanges } from './space-changes.ts'
import { declareSpaceFiles } from './space-files.ts'
import { SpaceGroup } from './space-group.ts'
import { INVITE_ROLES, MEMBER_ROLES, type InviteRole } from './space-tasks.ts'
import { filled, oneOf, spaceRef, uses, within } from './space-values.ts'

interface InviteValues {
  role?: InviteRole
  expires?: number
  uses?: number
  instant?: true
}

interface JoinValues {
  name?: string
  wait?: number
}

/** In the order in which people see them. */
export function declareSpace(line: CommandLine): void {
  const group = new SpaceGroup(line)
  group.asks(group.add('create', '<NAME>'), (name: string) => ({
    action: 'create',
    name: within(filled(name, 'NAME'), 'NAME', MAX_SPACE_NAME_BYTES),
  }))
  group.asks(group.add('list'), () => ({ action: 'list' }))
  declareSpaceFiles(group)
  declareSpaceChanges(group)
  declareMembers(group)
  declareInvitations(group)
  group.asks(group.add('check', '<SPACE>'), (space: string) => ({ action: 'check', space: spaceRef(space) }))
}

function declareMembers(group: SpaceGroup): void {
  group.asks(group.add('members', '<SPACE>'), (space: string) => ({
    action: 'members',
    space: spaceRef(space),
  }))
  const places = ['<SPACE>', '<MEMBER>', choice('<ROLE>', MEMBER_ROLES)]
  group.asks(group.add('role', ...places), (space: string, member: string, role: string) => ({
    action: 'role',
    space: spaceRef(space),
    member: filled(member, 'MEMBER').toLowerCase(),
    role: oneOf(role, 'ROLE', MEMBER_ROLES),
  }))
  group.asks(group.add('remove', '<SPACE>', '<MEMBER>'), (space: string, member: string) => ({
    action: 'remove',
    space: spaceRef(space),
    member: filled(member, 'MEMBER').toLowerCase(),
  }))
  group.asks(group.add('leave', '<SPACE>'), (space: string) => ({ action: 'leave', space: spaceRef(space) }))
}

function declareInvitations(group: SpaceGroup): void {
  const invite = group.add('invite', '<SPACE>')
  addValue(invite, SPACE_INVITE_OPTIONS.role, (value, flag) => oneOf(value, flag, INVITE_ROLES), INVITE_ROLES)
  addValue(invite, SPACE_INVITE_OPTIONS.expires, duration)
  addValue(invite, SPACE_INVITE_OPTIONS.uses, uses)
  addFlag(invite, SPACE_INVITE_OPTIONS.instant)
  group.asks(invite, (space: string) => {
    const { role, expires, uses: devices, instant = false } = invite.opts<InviteValues>()
    if (instant && role === 'manage')
      throw usageError(SPACE_USAGE.instantManager, SPACE_USAGE.instantManagerHint)
    const holds = { role, forMs: expires, uses: devices, isInstant: instant }
    return { action: 'invite', space: spaceRef(space), ...holds }
  })
  const join = group.add('join', '<LINK>')
  addValue(join, SPACE_JOIN_OPTIONS.name, text)
  addValue(join, SPACE_JOIN_OPTIONS.wait, duration)
  group.asks(join, (link: string) => {
    const { name, wait: waitMs } = join.opts<JoinValues>()
    return { action: 'join', link: filled(link, 'LINK'), name, waitMs }
  })
  const approve = group.add('approve', '<SPACE>', '[ID]')
  addFlag(approve, SPACE_APPROVE_OPTIONS.refuse)
  group.asks(approve, (space: string, id: string | undefined) => {
    const { refuse = false } = approve.opts<{ refuse?: true }>()
    const request = id === undefined ? undefined : filled(id, 'ID').toLowerCase()
    if (refuse && request === undefined) throw usageError(SPACE_USAGE.refuseWhom, SPACE_USAGE.refuseWhomHint)
    return { action: 'approve', space: spaceRef(space), request, refuse }
  })
  group.asks(group.add('invitations', '<SPACE>'), (space: string) => ({
    action: 'invitations',
    space: spaceRef(space),
  }))
  group.asks(group.add('revoke', '<SPACE>', '<ID>'), (space: string, id: string) => ({
    action: 'revoke',
    space: spaceRef(space),
    id: filled(id, 'ID').toLowerCase(),
  }))
}
