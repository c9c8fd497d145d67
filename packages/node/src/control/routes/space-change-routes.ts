/**
 * Routes that change what is in a space, and that fetch of it. A change that was begun is made, also when its client goes away:
 * so the same request with its key again finds out what came of it.
 */
import type { SpaceChange } from '../../spaces/host/answers.ts'
import type { SteeredSpaces } from '../control-target.ts'
import { MAX_SHARE_BODY_BYTES } from '../limits.ts'
import { events, json, type Route } from '../route.ts'
import {
  addRequest,
  getRequest,
  moveRequest,
  noteRequest,
  pathsRequest,
  spaceParams,
  tagRequest,
  titleRequest,
  undoRequest,
} from '../spaces/requests.ts'
import { FETCH_EVENTS } from './fetch-events.ts'
import { SHARE_EVENTS } from './share-events.ts'
import type { z } from 'zod'

/** A change of a space, which is one call. */
function change<B>(
  name: string,
  summary: string,
  body: z.ZodType<B>,
  work: (space: ReturnType<SteeredSpaces['of']>, body: B) => Promise<SpaceChange>,
): Route {
  return json({
    method: 'POST',
    path: `/v1/spaces/:id/${name}`,
    summary,
    params: spaceParams,
    body,
    bodyLimit: MAX_SHARE_BODY_BYTES,
    takesKey: true,
    gives: 'written',
    work: ({ target, params, body: given, key, once }) =>
      once.run(key, [name, params.id, given], () => work(target.spaces.of(params.id), given)),
  })
}

export const SPACE_CHANGE_ROUTES: readonly Route[] = [
  events({
    method: 'POST',
    path: '/v1/spaces/:id/add',
    summary:
      'Shares files and folders as one share, and enters each file of it into a space; what is at a path already gets the new content. It is served from then on.',
    params: spaceParams,
    body: addRequest,
    bodyLimit: MAX_SHARE_BODY_BYTES,
    takesKey: true,
    tells: [...SHARE_EVENTS, 'added'],
    work: async ({ target, params, body, key, once }, write, signal) => {
      const { paths, ...options } = body
      const add = (): Promise<SpaceChange> =>
        target.spaces.of(params.id).add(paths, { ...options, onEvent: (event) => void write(event), signal })
      const added = await once.run(key, ['add', params.id, body], add, signal)
      await write({ type: 'added', ...added })
    },
  }),
  events({
    method: 'POST',
    path: '/v1/spaces/:id/get',
    summary:
      'Fetches entries of a space, those of one share together, and tells where each is. Ended before it is done, it keeps its verified parts.',
    params: spaceParams,
    body: getRequest,
    bodyLimit: MAX_SHARE_BODY_BYTES,
    tells: [...FETCH_EVENTS, 'got'],
    work: async ({ target, params, body: { paths, ...options } }, write, signal) => {
      const space = target.spaces.of(params.id)
      const got = await untilDone(signal, (ends) =>
        space.get(paths, { ...options, onEvent: (event) => void write(event), signal: ends }),
      )
      for (const { path, file, bytes } of got) {
        // oxlint-disable-next-line no-await-in-loop -- As fast as it is taken.
        await write({ type: 'got', path, file, bytes })
      }
    },
  }),
  change('move', 'Gives what is at a path of a space another one.', moveRequest, (space, { from, to }) =>
    space.move(from, to),
  ),
  change(
    'remove',
    'Takes entries out of a space; files stay as they are.',
    pathsRequest,
    (space, { paths }) => space.remove(paths),
  ),
  change('restore', 'Brings entries back that were taken out.', pathsRequest, (space, { paths }) =>
    space.restore(paths),
  ),
  change('tag', 'Tags entries of a space.', tagRequest, (space, { paths, tags }) => space.tag(paths, tags)),
  change('untag', 'Takes tags of entries away.', tagRequest, (space, { paths, tags }) =>
    space.untag(paths, tags),
  ),
  change('note', 'Writes a note to an entry, in place of the one it has.', noteRequest, (space, given) =>
    space.note(given.path, given.text),
  ),
  change('title', 'Gives an entry a title; with an empty path, the space.', titleRequest, (space, given) =>
    space.title(given.path, given.text),
  ),
  change(
    'undo',
    'Takes back what was done in a space, as things are now; without a batch, the last of this device.',
    undoRequest,
    (space, { batch }) => space.undo(batch),
  ),
]

/** With a signal that aborts with another while the work lasts: what goes on after it does not end with its request. */
async function untilDone<T>(signal: AbortSignal, work: (ends: AbortSignal) => Promise<T>): Promise<T> {
  signal.throwIfAborted()
  const ends = new AbortController()
  const onAbort = (): void => ends.abort(signal.reason)
  signal.addEventListener('abort', onAbort)
  try {
    return await work(ends.signal)
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
