/**
 * `@shoal/node/control`: what a program needs to talk to a running node. Loads nothing of the network, so that a
 * command that only attaches stays quick.
 *
 * @packageDocumentation
 */
import type * as MachineChecksModule from './doctor/machine-checks.ts'
import type * as HomeFetchesModule from './home-fetches.ts'
import type * as HomeIdentityModule from './home-identity.ts'
import type * as HomeSharesModule from './home-shares.ts'

export { ControlClient } from './client.ts'
export type { ContentAddress } from './gateway/content-access.ts'
export type { LoginCodeAnswer } from './login/login.ts'
export type { LoginCode } from './login/login-codes.ts'
export type {
  ContentRequest,
  FetchJobRequest,
  FetchRequest,
  ListRequest,
  LoginCodeRequest,
  PriorityRequest,
  ReadRequest,
  ShareInputJobRequest,
  ShareInputRequest,
  ShareJobRequest,
  ShareRequest,
  VerifyRequest,
} from './schemas.ts'
export type { SpaceHandle, Spaces } from '../shoal-spaces.ts'
export type * from '../spaces/host/answers.ts'
export type { GotEntry } from '../spaces/host/space-files.ts'
export type * from '../spaces/host/space-options.ts'
export type { HomeFetches } from './home-fetches.ts'
export type { MoveIdentityOptions, MovedIdentity } from './home-identity.ts'
export type { HomeShares } from './home-shares.ts'
export { withConfig } from './config/check.ts'
export { loadConfig } from './config/file.ts'
export { CONFIG_KEY_NAMES, isConfigKey, type Config, type ConfigKey } from './config/keys.ts'
export { homeConfig, type ConfigAccess } from './config/home-config.ts'
export type { ConfigAnswer } from './config/settings.ts'
export type { StorageStatus } from '../store/quota/parts.ts'
export type { ConfigChanges } from './config/change.ts'
export { compactLink, parseLink, parseRoot } from '../content/link.ts'
export { ERRORS, ShoalError, diskError, isShoalError, type ErrorCode } from '../errors.ts'
export type * from '../events.ts'
export { loadIdentity, type Identity } from '../identity/identity.ts'
export {
  METERED,
  NETWORK_PRESETS,
  WHEN_METERED,
  defaultHome,
  type LogOptions,
  type Metered,
  type NetworkPreset,
  type NodeOptions,
  type WhenMetered,
} from '../options.ts'
export { MAX_SPACE_NAME_BYTES } from '../spaces/auth/limits.ts'
export { parseInvite } from '../spaces/invites/invite-link.ts'
export { MAX_NOTE_BYTES, MAX_TITLE_BYTES } from '../spaces/catalogue/limits.ts'
export { homePaths, type HomePaths } from '../store/home.ts'
export { LOG_LEVELS, LOG_MODULES, type LogLevel, type LogModule } from '../util/log.ts'
export { escapeForDisplay } from '../util/display.ts'
export { parseByteRate } from '../util/byte-rate.ts'
export type { Priority } from '../util/priority.ts'
export { formatAmount, formatBytes } from '../util/sizes.ts'

/** Loaded only where it is called: it needs SQLite. */
export const isHomeFree = async (home: string): Promise<boolean> =>
  (await import('./home-free.ts')).isHomeFree(home)

/** Loaded only where it is called: when no node can be asked. */
export async function* examineMachine(
  ...given: Parameters<typeof MachineChecksModule.examineMachine>
): ReturnType<typeof MachineChecksModule.examineMachine> {
  yield* (await import('./doctor/machine-checks.ts')).examineMachine(...given)
}

/** Loaded only where it is called: a command that finds a running node does without. */
export const openHomeShares: typeof HomeSharesModule.openHomeShares = async (...given) =>
  (await import('./home-shares.ts')).openHomeShares(...given)

/** Loaded only where it is called, as `openHomeShares` is. */
export const openHomeFetches: typeof HomeFetchesModule.openHomeFetches = async (...given) =>
  (await import('./home-fetches.ts')).openHomeFetches(...given)

/** Loaded only where it is called, as `openHomeShares` is. */
export const exportIdentity: typeof HomeIdentityModule.exportIdentity = async (...given) =>
  (await import('./home-identity.ts')).exportIdentity(...given)

/** Loaded only where it is called, as `openHomeShares` is. */
export const checkExport: typeof HomeIdentityModule.checkExport = async (...given) =>
  (await import('./home-identity.ts')).checkExport(...given)

/** Loaded only where it is called, as `openHomeShares` is. */
export const checkImport: typeof HomeIdentityModule.checkImport = async (...given) =>
  (await import('./home-identity.ts')).checkImport(...given)

/** Loaded only where it is called, as `openHomeShares` is. */
export const importIdentity: typeof HomeIdentityModule.importIdentity = async (...given) =>
  (await import('./home-identity.ts')).importIdentity(...given)
