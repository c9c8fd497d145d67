/** Routes of spaces: which there are, and what is in them. */
import { json, events, type Route } from '../route.ts'
import {
  createSpaceRequest,
  entriesRequest,
  findSpaceRequest,
  historyRequest,
  searchRequest,
  spaceParams,
} from '../spaces/requests.ts'

export const SPACE_ROUTES: readonly Route[] = [
  json({
    method: 'GET',
    path: '/v1/spaces',
    summary: 'The spaces of the home, those too that cannot be used, each with the reason.',
    gives: 'spaces',
    work: ({ target, gone }) => target.spaces.list({ signal: gone }),
  }),
  json({
    method: 'POST',
    path: '/v1/spaces',
    summary: 'Founds a space, of which this device is the only member so far.',
    body: createSpaceRequest,
    takesKey: true,
    gives: 'space',
    work: ({ target, body, key, once }) =>
      once.run(key, ['create', body], async () => {
        const { id, name } = await target.spaces.create(body.name)
        return { id, name }
      }),
  }),
  json({
    method: 'GET',
    path: '/v1/spaces/find',
    summary: 'The space that an id, the beginning of one or a name means, if it can be used.',
    query: findSpaceRequest,
    gives: 'space',
    work: async ({ target, query, gone }) => {
      const { id, name } = await target.spaces.open(query.ref, { signal: gone })
      return { id, name }
    },
  }),
  events({
    method: 'GET',
    path: '/v1/spaces/:id/entries',
    summary: 'The entries of a space in the order of their paths, or what a query finds, the best first.',
    params: spaceParams,
    query: entriesRequest,
    tells: ['listed'],
    work: async ({ target, params, query }, write, signal) => {
      for await (const entry of target.spaces.of(params.id).list({ ...query, signal })) {
        await write({ type: 'listed', entry })
      }
    },
  }),
  json({
    method: 'GET',
    path: '/v1/spaces/:id/search',
    summary: 'What a query finds in paths, titles, tags and notes of a space, the best first.',
    params: spaceParams,
    query: searchRequest,
    gives: 'found',
    work: ({ target, params, query: { query, ...options }, gone }) =>
      target.spaces.of(params.id).search(query, { ...options, signal: gone }),
  }),
  events({
    method: 'GET',
    path: '/v1/spaces/:id/watch',
    summary:
      'What a query finds, and again after each change of the space that makes a difference to it, for as long as the request lives. Whoever is slow misses those in between.',
    params: spaceParams,
    query: searchRequest,
    tells: ['matches'],
    work: async ({ target, params, query: { query, ...options } }, write, signal) => {
      for await (const matches of target.spaces.of(params.id).watch(query, { ...options, signal })) {
        await write({ type: 'matches', ...matches })
      }
    },
  }),
  json({
    method: 'GET',
    path: '/v1/spaces/:id/history',
    summary: 'What was done in a space, or to the entry of a path, the last first.',
    params: spaceParams,
    query: historyRequest,
    gives: 'history',
    work: ({ target, params, query: { path, ...options }, gone }) =>
      target.spaces.of(params.id).history(path, { ...options, signal: gone }),
  }),
  json({
    method: 'GET',
    path: '/v1/spaces/:id/check',
    summary: 'Works out from the log of a space what has to be stored, and compares. Changes nothing.',
    params: spaceParams,
    gives: 'checked',
    work: ({ target, params, gone }) => target.spaces.of(params.id).check({ signal: gone }),
  }),
]
