/** Routes of what the node fetches by itself. */
import { z } from 'zod'
import { events, json, type Route } from '../route.ts'
import { fetchJobRequest, priorityRequest, sourcesRequest } from '../schemas.ts'

const fetchParams = z.strictObject({ id: z.string().max(64) })

export const FETCH_ROUTES: readonly Route[] = [
  events({
    method: 'GET',
    path: '/v1/fetches',
    summary: 'What the node fetches by itself, and how that stands, in the order in which it was asked for.',
    tells: ['fetch'],
    work: async ({ target }, write) => {
      for (const fetch of await target.jobs.list()) await write(fetch)
    },
  }),
  json({
    method: 'GET',
    path: '/v1/fetches/:id/sources',
    summary: 'Who gives a fetch what it brings, and how much of it they have, as of a second ago at most.',
    params: fetchParams,
    gives: 'sources',
    work: ({ target, params }) => target.jobs.sources(params.id),
  }),
  events({
    method: 'GET',
    path: '/v1/sources',
    summary: 'The same of every fetch that runs, those of commands and programs among them.',
    query: sourcesRequest,
    tells: ['sources'],
    work: async ({ target, query }, write) => {
      for (const event of target.sources(query.root)) await write(event)
    },
  }),
  json({
    method: 'POST',
    path: '/v1/fetches',
    summary: 'Fetches what a link names, over restarts, until it is done, fails or is cancelled.',
    body: fetchJobRequest,
    takesKey: true,
    gives: 'fetch',
    work: ({ target, body, key }) => target.jobs.fetch(body, key),
  }),
  json({
    method: 'POST',
    path: '/v1/fetches/:id/pause',
    summary: 'Stops a fetch, which keeps what it brought.',
    params: fetchParams,
    gives: 'fetch',
    work: ({ target, params }) => target.jobs.change(params.id, 'pause'),
  }),
  json({
    method: 'POST',
    path: '/v1/fetches/:id/resume',
    summary: 'Goes on with a fetch that was paused or has failed.',
    params: fetchParams,
    gives: 'fetch',
    work: ({ target, params }) => target.jobs.change(params.id, 'resume'),
  }),
  json({
    method: 'PATCH',
    path: '/v1/fetches/:id',
    summary: 'Changes which fetch goes first.',
    params: fetchParams,
    body: priorityRequest,
    gives: 'fetch',
    work: ({ target, params, body }) => target.jobs.change(params.id, body),
  }),
  json({
    method: 'DELETE',
    path: '/v1/fetches/:id',
    summary:
      'Ends a fetch for good; its verified parts stay in their hidden folder, for another fetch of the link.',
    params: fetchParams,
    gives: 'fetch',
    work: ({ target, params }) => target.jobs.change(params.id, 'cancel'),
  }),
]
