/** Routes by which content is handed in piece by piece, and of the choosers. */
import { listFolder } from '../folders/folder-list.ts'
import { events, json, type Route } from '../route.ts'
import { SHARE_EVENTS } from './share-events.ts'
import {
  folderRequest,
  offsetRequest,
  pieceRequest,
  shareUploadRequest,
  uploadFolderRequest,
  uploadParams,
  uploadRequest,
} from '../schemas.ts'

export const UPLOAD_ROUTES: readonly Route[] = [
  json({
    method: 'GET',
    path: '/v1/folders',
    summary:
      'What is in a folder of this computer, for choosing one; without a path the own folder of the user.',
    query: folderRequest,
    gives: 'folder',
    work: ({ query }) => listFolder(query.path),
  }),
  json({
    method: 'PUT',
    path: '/v1/uploads/:id',
    summary:
      'Begins an upload under an id of the making of the client, a UUID, or finds the one that has it. What is handed in lies in the home.',
    params: uploadParams,
    body: uploadRequest,
    gives: 'upload',
    work: ({ target, params, body }) => target.uploads.begin(params.id, body),
  }),
  json({
    method: 'GET',
    path: '/v1/uploads/:id/content',
    summary: 'How many bytes of a file of an upload are there.',
    params: uploadParams,
    query: offsetRequest,
    gives: 'offset',
    work: async ({ target, params, query }) => ({
      offset: await target.uploads.offsetOf(params.id, query.path),
    }),
  }),
  json({
    method: 'PATCH',
    path: '/v1/uploads/:id/content',
    summary:
      'Appends the body, at most 8 MiB, to a file of an upload; answers with how many bytes of it are on the disk then.',
    params: uploadParams,
    query: pieceRequest,
    takesContent: true,
    gives: 'offset',
    work: async ({ target, params, query: { path, offset, mtime }, request }) => {
      const piece = { path, offset, ...(mtime === undefined ? {} : { mtime }) }
      const length = request.headers['content-length']
      const bytes = length === undefined ? undefined : Number(length)
      return { offset: await target.uploads.append(params.id, piece, request, bytes) }
    },
  }),
  json({
    method: 'POST',
    path: '/v1/uploads/:id/folders',
    summary: 'Makes a folder in an upload, which may stay empty.',
    params: uploadParams,
    body: uploadFolderRequest,
    gives: 'made',
    work: async ({ target, params, body }) => {
      await target.uploads.makeFolder(params.id, body.path)
      return body
    },
  }),
  events({
    method: 'POST',
    path: '/v1/uploads/:id/share',
    summary: 'Shares what was handed in, as POST /v1/shares does; it is removed when it is unshared.',
    params: uploadParams,
    body: shareUploadRequest,
    takesKey: true,
    tells: SHARE_EVENTS,
    work: ({ target, params, body, key }, write, signal) =>
      target.shareUpload(params.id, body, key, (event) => void write(event), signal),
  }),
  json({
    method: 'DELETE',
    path: '/v1/uploads/:id',
    summary: 'Removes an upload that is not shared.',
    params: uploadParams,
    gives: 'dropped',
    work: async ({ target, params }) => {
      await target.uploads.drop(params.id)
      return params
    },
  }),
]
