/**
 * `@shoal/node`: share and fetch files straight between machines, from inside a Node program.
 *
 * @packageDocumentation
 */
export { createNode, type ShoalNode } from './node.ts'
export type { NetworkPreset, NodeOptions } from './options.ts'
export type { Share, ShareOptions } from './transfer/share-service.ts'
export type { FetchOptions, FetchResult } from './transfer/fetch-service.ts'
export type { ListEntry, ListOptions } from './transfer/list-service.ts'
export { ERRORS, ShoalError, isShoalError, type ErrorCode } from './errors.ts'
export type * from './events.ts'
