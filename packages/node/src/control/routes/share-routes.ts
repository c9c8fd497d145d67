/** Routes of what is shared. */
import { z } from 'zod'
import { parseRoot } from '../../content/link.ts'
import { MAX_SHARE_BODY_BYTES } from '../limits.ts'
import { events, json, type Route } from '../route.ts'
import { SHARE_EVENTS } from './share-events.ts'
import { pinRequest, shareInputJobRequest, shareJobRequest, sharesRequest } from '../schemas.ts'

export const SHARE_ROUTES: readonly Route[] = [
  events({
    method: 'GET',
    path: '/v1/shares',
    summary: 'What the home shares or shared, in the order in which it was made.',
    query: sharesRequest,
    tells: ['share', 'warning'],
    work: ({ target, query }, write, signal) => target.shares(query, write, signal),
  }),
  events({
    method: 'GET',
    path: '/v1/receivers',
    summary: 'Who gets what is shared now: one event for each root that somebody got something of.',
    tells: ['receivers'],
    work: async ({ target }, write) => {
      for (const event of await target.receivers()) await write(event)
    },
  }),
  events({
    method: 'POST',
    path: '/v1/shares',
    summary: 'Shares files and folders, and goes on with it over restarts; the answer ends when it is ready.',
    body: shareJobRequest,
    bodyLimit: MAX_SHARE_BODY_BYTES,
    takesKey: true,
    tells: SHARE_EVENTS,
    work: ({ target, body, key }, write, signal) =>
      target.keepShare(body, key, (event) => void write(event), signal),
  }),
  events({
    method: 'POST',
    path: '/v1/shares/input',
    summary:
      'Shares the body of the request, and goes on with it over restarts; the answer ends when it is ready.',
    query: shareInputJobRequest,
    takesContent: true,
    takesKey: true,
    tells: SHARE_EVENTS,
    work: ({ target, query, request, key }, write, signal) =>
      target.keepInput(query, request, key, (event) => void write(event), signal),
  }),
  json({
    method: 'PATCH',
    path: '/v1/shares/:root',
    summary: 'Says of all shares of a root whether what lies in the home for them stays; answers with them.',
    params: z.strictObject({ root: z.string() }),
    body: pinRequest,
    gives: 'pinned',
    work: ({ target, params, body }) => target.setPinned(parseRoot(params.root), body.pinned),
  }),
  json({
    method: 'GET',
    path: '/v1/storage',
    summary: 'How much of the disk Shoal uses, and may.',
    gives: 'storage',
    work: ({ target }) => target.storage(),
  }),
  json({
    method: 'DELETE',
    path: '/v1/shares/:root',
    summary: 'Ends all shares of a root and forgets them; answers with what they were.',
    params: z.strictObject({ root: z.string() }),
    gives: 'removed',
    work: ({ target, params }) => target.unshare(parseRoot(params.root)),
  }),
]
