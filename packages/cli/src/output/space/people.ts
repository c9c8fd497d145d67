/** How `shoal space` speaks of who is in a space and of who may come in. */
import type {
  InvitationLine,
  InviteLine,
  MemberLine,
  SpaceInvitation,
  SpaceInviteLink,
  SpaceMember,
  SpaceSummary,
} from '@shoal/node/control'
import { shortId, type NamedSpace } from '../../space-names.ts'
import { formatInstant } from '../../format.ts'
import { ROLE_WORDS, SPACES } from '../../strings/spaces.ts'
import { NONE, SPACES_PLAIN } from '../../strings/spaces-plain.ts'
import { writeJson, writeNote, writeResult, writeWarning, type Output } from '../output.ts'
import { titleLines } from '../title.ts'
import { done, note, tell, widthOf } from './notes.ts'

const GAP = '  '
const ROLE_WIDTH = Math.max(...Object.values(ROLE_WORDS).map(({ length }) => length))

export function reportMembers(output: Output, members: readonly SpaceMember[]): void {
  const { mode, stdout } = output
  for (const member of members) {
    const { id, role, isSelf } = member
    if (mode === 'json') writeJson(output, memberLine(member))
    else if (mode === 'quiet') writeResult(output, id)
    else if (!stdout.isTerminal) {
      writeResult(output, SPACES_PLAIN.row([id, role, isSelf ? SPACES_PLAIN.self : NONE]))
    } else {
      const facts = [shortId(id), ROLE_WORDS[role].padEnd(ROLE_WIDTH), isSelf ? SPACES.thisDevice : '']
      writeResult(output, facts.join(GAP).trimEnd())
    }
  }
}

/** That a member has another role. */
export function reportRole(output: Output, { name }: NamedSpace, member: SpaceMember): void {
  const { id, role } = member
  if (output.mode === 'json') writeJson(output, memberLine(member))
  done(output, SPACES.role(who(member), role), SPACES_PLAIN.role(name, id, role))
  if (role === 'founder') tell(output, SPACES.forGood)
}

/**
 * That a member was put out, and what that does not do.
 *
 * @param summary how it stands now
 */
export function reportRemoved(
  output: Output,
  { name }: NamedSpace,
  member: SpaceMember,
  { members: left, unwritten }: Pick<SpaceSummary, 'members' | 'unwritten'>,
): void {
  if (output.mode === 'json') writeJson(output, { ...memberLine(member), role: null } satisfies MemberLine)
  done(output, SPACES.removed(who(member), name, left), SPACES_PLAIN.removed(name, member.id))
  if (unwritten === null) return
  const message = SPACES.noNewKeys(unwritten.message)
  writeWarning(output, { type: 'warning', code: 'WARN_NO_NEW_KEYS', message })
}

/** @param made what it is good for, as the space has it; undefined where that was used up meanwhile */
export function reportInvite(
  output: Output,
  { name, ref }: NamedSpace,
  { link, id }: SpaceInviteLink,
  made: SpaceInvitation | undefined,
): void {
  const { mode, theme } = output
  if (mode === 'json') {
    writeJson(output, { type: 'invite', link, id } satisfies InviteLine)
    return
  }
  const facts = made === undefined ? undefined : invitationLine(made)
  if (mode === 'terminal') {
    const said =
      facts === undefined ? '' : SPACES.invited(facts.usesLeft, facts.role, SPACES.until(facts.expires))
    const titled = (shown: string): string => `${SPACES.invitation} ${shown}`
    for (const line of titleLines(theme, widthOf(output), titled, name, said)) {
      writeNote(output, line)
    }
    writeNote(output, '')
  }
  if (mode === 'plain' && facts !== undefined) {
    writeNote(output, SPACES_PLAIN.invited(name, facts.usesLeft, facts.role, facts.expires))
  }
  // On its own line, with blank ones around, three clicks select it whole.
  writeResult(output, link)
  tell(output, '')
  tell(output, made?.instant === true ? SPACES.letsIn : SPACES.asks(ref))
  tell(output, SPACES.toRevoke(ref, shortId(id)))
}

export function reportInvitations(
  output: Output,
  { name, ref }: NamedSpace,
  invitations: readonly SpaceInvitation[],
): void {
  const { mode, stdout } = output
  if (invitations.length === 0) {
    note(output, SPACES.noInvitations(ref), SPACES_PLAIN.noInvitations(name))
  }
  for (const invitation of invitations) {
    const { id, role, instant, usesLeft } = invitation
    const line = invitationLine(invitation)
    const { expires } = line
    if (mode === 'json') writeJson(output, line)
    else if (mode === 'quiet') writeResult(output, id)
    else if (!stdout.isTerminal) {
      const end = expires === null ? NONE : (formatInstant(expires) ?? NONE)
      writeResult(output, SPACES_PLAIN.row([id, role, SPACES_PLAIN.instant(instant), usesLeft, end]))
    } else {
      const facts = SPACES.invited(usesLeft, role, SPACES.until(expires))
      const how = instant ? SPACES.instant : SPACES.approval
      writeResult(output, [shortId(id), facts, how].join(GAP))
    }
  }
}

/** That an invitation is over. */
export function reportRevoked(output: Output, { name }: NamedSpace, invitation: SpaceInvitation): void {
  if (output.mode === 'json') writeJson(output, { ...invitationLine(invitation), usesLeft: 0 })
  done(output, SPACES.revoked, SPACES_PLAIN.revoked(name, invitation.id))
}

function memberLine({ id, role, isSelf }: SpaceMember): MemberLine {
  // What a member is called, and whether it is there, devices do not tell each other yet.
  return { type: 'member', id, name: null, role, presence: null, lastSeen: null, self: isSelf }
}

function invitationLine({ id, role, instant, usesLeft, expiresMs }: SpaceInvitation): InvitationLine {
  const expires = expiresMs === 0 ? null : expiresMs
  return { type: 'invitation', id, role, instant, usesLeft, expires }
}

function who({ id, isSelf }: SpaceMember): string {
  return isSelf ? SPACES.thisDeviceFirst : SPACES.device(shortId(id))
}
