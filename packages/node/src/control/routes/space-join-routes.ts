/** Routes by which this device joins spaces, and lets others into them. */
import type { JoinEvent } from '../../events.ts'
import { events, json, type Route } from '../route.ts'
import { joinRequest, requestRequest, spaceParams } from '../spaces/requests.ts'

const NOTHING = {}

export const SPACE_JOIN_ROUTES: readonly Route[] = [
  events({
    method: 'POST',
    path: '/v1/spaces/join',
    summary:
      'Joins a space by an invitation, and tells how it goes on until this device is in it, or was before. Where somebody has to agree it lasts until then; ended before, it leaves nothing.',
    body: joinRequest,
    tells: ['joining', 'joined'],
    work: async ({ target, body: { link, ...options } }, write, signal) => {
      const all: (Promise<void> | undefined)[] = []
      const onEvent = (event: JoinEvent): void => void (all[0] = write(event))
      await target.spaces.join(link, { ...options, onEvent, signal })
      await all[0]
    },
  }),
  json({
    method: 'GET',
    path: '/v1/spaces/:id/requests',
    summary: 'Devices that wait to be let into a space by this one, each with the code that it has to show.',
    params: spaceParams,
    gives: 'requests',
    work: ({ target, params, gone }) => target.spaces.of(params.id).requests({ signal: gone }),
  }),
  json({
    method: 'POST',
    path: '/v1/spaces/:id/requests',
    summary: 'Lets a device into a space that waits for it: only when it shows the same code.',
    params: spaceParams,
    body: requestRequest,
    takesKey: true,
    gives: 'nothing',
    work: ({ target, params, body, key, once }) =>
      once.run(key, ['approve', params.id, body], async () => {
        await target.spaces.of(params.id).approve(body.request)
        return NOTHING
      }),
  }),
  json({
    method: 'DELETE',
    path: '/v1/spaces/:id/requests',
    summary: 'Does not let a device into a space that waits for it, and tells it so.',
    params: spaceParams,
    query: requestRequest,
    gives: 'refusal',
    work: ({ target, params, query }) => target.spaces.of(params.id).refuse(query.request),
  }),
]
