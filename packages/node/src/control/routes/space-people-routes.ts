/** Routes of who is in a space, and of invitations into it. Links of those are secrets: they are in the answer that makes one, and nowhere else. */
import { json, type Route } from '../route.ts'
import {
  invitationRequest,
  inviteRequest,
  memberRequest,
  roleRequest,
  spaceParams,
} from '../spaces/requests.ts'

const NOTHING = {}

export const SPACE_PEOPLE_ROUTES: readonly Route[] = [
  json({
    method: 'GET',
    path: '/v1/spaces/:id/members',
    summary: 'Which devices are in a space.',
    params: spaceParams,
    gives: 'members',
    work: ({ target, params, gone }) => target.spaces.of(params.id).members({ signal: gone }),
  }),
  json({
    method: 'PATCH',
    path: '/v1/spaces/:id/members',
    summary: 'Gives a member of a space another role. A founder stays one.',
    params: spaceParams,
    body: roleRequest,
    gives: 'nothing',
    work: async ({ target, params, body }) => {
      await target.spaces.of(params.id).setRole(body.member, body.role)
      return NOTHING
    },
  }),
  json({
    method: 'DELETE',
    path: '/v1/spaces/:id/members',
    summary: 'Puts a member out of a space. What it has it keeps; what is added from now on it cannot read.',
    params: spaceParams,
    query: memberRequest,
    gives: 'nothing',
    work: async ({ target, params, query }) => {
      await target.spaces.of(params.id).removeMember(query.member)
      return NOTHING
    },
  }),
  json({
    method: 'POST',
    path: '/v1/spaces/:id/leave',
    summary: 'This device leaves a space, which stays here to be read.',
    params: spaceParams,
    takesKey: true,
    gives: 'nothing',
    work: ({ target, params, key, once }) =>
      once.run(key, ['leave', params.id], async () => {
        await target.spaces.of(params.id).leave()
        return NOTHING
      }),
  }),
  json({
    method: 'GET',
    path: '/v1/spaces/:id/invitations',
    summary: 'Invitations into a space that still let somebody in.',
    params: spaceParams,
    gives: 'invitations',
    work: ({ target, params, gone }) => target.spaces.of(params.id).invitations({ signal: gone }),
  }),
  json({
    method: 'POST',
    path: '/v1/spaces/:id/invitations',
    summary: 'Makes a link with which others ask to be let in. It is a secret.',
    params: spaceParams,
    body: inviteRequest,
    takesKey: true,
    gives: 'invited',
    work: ({ target, params, body, key, once }) =>
      once.run(key, ['invite', params.id, body], () => target.spaces.of(params.id).invite(body)),
  }),
  json({
    method: 'DELETE',
    path: '/v1/spaces/:id/invitations',
    summary: 'Ends an invitation: nobody is let in by it any more.',
    params: spaceParams,
    query: invitationRequest,
    gives: 'nothing',
    work: async ({ target, params, query }) => {
      await target.spaces.of(params.id).revokeInvite(query.invitation)
      return NOTHING
    },
  }),
]
