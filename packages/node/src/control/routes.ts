/** Every route of the control API. */
import { z } from 'zod'
import { parseRoot } from '../content/link.ts'
import { ShoalError } from '../errors.ts'
import { configRequest } from './config/schema.ts'
import { MAX_SHARE_BODY_BYTES } from './limits.ts'
import { content, events, json, type Route } from './route.ts'
import {
  fetchJobRequest,
  fetchRequest,
  listRequest,
  priorityRequest,
  readRequest,
  shareInputJobRequest,
  shareInputRequest,
  shareJobRequest,
  shareRequest,
  sharesRequest,
  verifyRequest,
} from './schemas.ts'

const fetchParams = z.strictObject({ id: z.string().max(64) })
const SHARE_EVENTS = ['hashing', 'ready', 'served', 'receivers', 'warning'] as const

export const ROUTES: readonly Route[] = [
  json({
    method: 'GET',
    path: '/v1/status',
    summary: 'What the node is and knows at this moment.',
    gives: 'status',
    work: ({ target }) => target.status(),
  }),
  json({
    method: 'GET',
    path: '/v1/peers',
    summary: 'Who is connected at this moment.',
    gives: 'peers',
    work: ({ target }) => target.peers(),
  }),
  events({
    method: 'GET',
    path: '/v1/doctor',
    summary: 'Looks at what commonly keeps Shoal from working, as docs/doctor.md says, and changes nothing.',
    tells: ['finding'],
    work: ({ target }, write, signal) => target.doctor(write, signal),
  }),
  json({
    method: 'POST',
    path: '/v1/stop',
    summary: 'Ends a node in the background; refused where the node is part of another program.',
    gives: 'stopping',
    work: ({ target: { end }, onSent }) => {
      if (end === undefined) {
        throw new ShoalError(
          'ERR_NOT_DAEMON',
          'the Shoal that runs here is part of another command or program',
        )
      }
      // Who asked is told before the socket goes.
      onSent(end)
      return { stopping: true }
    },
  }),
  json({
    method: 'GET',
    path: '/v1/config',
    summary: 'All settings of the home.',
    gives: 'config',
    work: ({ target }) => target.config.read(),
  }),
  json({
    method: 'PATCH',
    path: '/v1/config',
    summary: 'Changes some settings, null takes one back; answers with those.',
    body: configRequest,
    gives: 'config',
    work: ({ target, body }) => target.config.change(body),
  }),
  json({
    method: 'POST',
    path: '/v1/operations/:id/stop',
    summary: 'Asks an operation to end, by the id that its client gave it; what it still has to say arrives.',
    params: z.strictObject({ id: z.string() }),
    gives: 'stopped',
    work: ({ operations, params }) => ({ stopped: operations.stop(params.id) }),
  }),
  events({
    method: 'GET',
    path: '/v1/shares',
    summary: 'What the home shares or shared, in the order in which it was made.',
    query: sharesRequest,
    tells: ['share', 'warning'],
    work: ({ target, query }, write, signal) => target.shares(query, write, signal),
  }),
  events({
    method: 'POST',
    path: '/v1/operations/share',
    summary: 'Shares files and folders for as long as the request lives.',
    body: shareRequest,
    bodyLimit: MAX_SHARE_BODY_BYTES,
    tells: SHARE_EVENTS,
    work: ({ target, body }, write, signal) => target.share(body, (event) => void write(event), signal),
  }),
  events({
    method: 'POST',
    path: '/v1/operations/share-input',
    summary: 'Shares the body of the request for as long as it lives; the content is kept in the home.',
    query: shareInputRequest,
    takesContent: true,
    tells: SHARE_EVENTS,
    work: ({ target, query, request }, write, signal) =>
      target.shareInput(query, request, (event) => void write(event), signal),
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
  json({
    method: 'DELETE',
    path: '/v1/shares/:root',
    summary: 'Ends all shares of a root and forgets them; answers with what they were.',
    params: z.strictObject({ root: z.string() }),
    gives: 'removed',
    work: ({ target, params }) => target.unshare(parseRoot(params.root)),
  }),
  events({
    method: 'POST',
    path: '/v1/operations/fetch',
    summary: 'Fetches what a link names; ended before it is done, it keeps its verified parts.',
    body: fetchRequest,
    tells: ['asking', 'plan', 'progress', 'file', 'files', 'done', 'served', 'receivers', 'warning'],
    work: ({ target, body }, write, signal) => target.fetch(body, write, signal),
  }),
  events({
    method: 'POST',
    path: '/v1/operations/list',
    summary: 'Lists what a link names, without fetching it.',
    body: listRequest,
    tells: ['entry', 'warning'],
    work: ({ target, body }, write, signal) => target.list(body, write, signal),
  }),
  content({
    method: 'POST',
    path: '/v1/operations/read',
    summary: 'Reads a file of what a link names, or a range of it.',
    body: readRequest,
    work: ({ target, body }, output, signal) => target.read(body, output, signal),
  }),
  events({
    method: 'POST',
    path: '/v1/operations/verify',
    summary: 'Compares files on this disk with what a link names.',
    body: verifyRequest,
    tells: ['hashing', 'bad', 'done', 'warning'],
    work: ({ target, body }, write, signal) => target.verify(body, (event) => void write(event), signal),
  }),
]
