/**
 * `@shoal/node`: share and fetch files straight between machines, from inside a Node program.
 *
 * @packageDocumentation
 */
export { createNode } from './node.ts'
export type { ShoalNode } from './shoal-node.ts'
export type { SpaceHandle, Spaces } from './shoal-spaces.ts'
export type * from './spaces/host/answers.ts'
export type { GotEntry } from './spaces/host/space-files.ts'
export type * from './spaces/host/space-options.ts'
export type { HostLibp2p, LogOptions, Metered, NetworkPreset, NodeOptions, WhenMetered } from './options.ts'
export type { Priority } from './util/priority.ts'
export type { LogLevel, LogModule } from './util/log.ts'
export type { DoctorOptions } from './control/doctor/doctor.ts'
export type { Finding } from './control/doctor/finding.ts'
export type { Limits } from './transfer/rates/rate-limits.ts'
export type { ShareInputOptions } from './transfer/input-service.ts'
export type { KnownShare, ListSharesOptions, UnshareOptions } from './transfer/known-share.ts'
export type { StorageStatus } from './store/quota/parts.ts'
export type { Seed } from './transfer/serving/begun-seed.ts'
export type { ServeOptions, Share, ShareOptions } from './transfer/share-options.ts'
export type { SearchOptions } from './transfer/swarm/search-options.ts'
export type { FetchOptions, FetchResult } from './transfer/fetch-service.ts'
export type { ContentStat, ListEntry, ListOptions, StatOptions } from './transfer/list-service.ts'
export type { ByteRange, ReadOptions } from './transfer/read-service.ts'
export type { VerifyOptions, VerifyResult } from './transfer/verify-service.ts'
export type { ScrubOptions, ScrubResult } from './transfer/scrub-service.ts'
export {
  ERRORS,
  ShoalError,
  isShoalError,
  type ErrorCode,
  type ErrorEntry,
  type ShoalErrorInit,
  type ShoalErrorJson,
} from './errors.ts'
export type * from './events.ts'
