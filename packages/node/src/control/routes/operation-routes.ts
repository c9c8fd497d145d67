/** Routes of operations, which belong to the connection that asked for them. */
import { z } from 'zod'
import { MAX_SHARE_BODY_BYTES } from '../limits.ts'
import { content, events, json, type Route } from '../route.ts'
import { FETCH_EVENTS } from './fetch-events.ts'
import { SHARE_EVENTS } from './share-events.ts'
import {
  fetchRequest,
  listRequest,
  readRequest,
  scrubRequest,
  shareInputRequest,
  shareRequest,
  verifyRequest,
} from '../schemas.ts'

export const OPERATION_ROUTES: readonly Route[] = [
  json({
    method: 'POST',
    path: '/v1/operations/:id/stop',
    summary: 'Asks an operation to end, by the id that its client gave it; what it still has to say arrives.',
    params: z.strictObject({ id: z.string() }),
    gives: 'stopped',
    work: ({ operations, params }) => ({ stopped: operations.stop(params.id) }),
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
    path: '/v1/operations/fetch',
    summary: 'Fetches what a link names; ended before it is done, it keeps its verified parts.',
    body: fetchRequest,
    tells: [...FETCH_EVENTS, 'file'],
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
  events({
    method: 'POST',
    path: '/v1/operations/stat',
    summary: 'Looks at what a link names, without fetching it.',
    body: listRequest,
    tells: ['stat'],
    work: async ({ target, body }, write, signal) => {
      await write({ type: 'stat', ...(await target.stat(body, signal)) })
    },
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
    path: '/v1/operations/scrub',
    summary: 'Reads back what the home shares, and repairs from other devices what the disk damaged.',
    body: scrubRequest,
    tells: ['scrub', 'damaged', 'scrubbed', 'warning'],
    work: ({ target, body }, write, signal) => target.scrub(body, (event) => void write(event), signal),
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
