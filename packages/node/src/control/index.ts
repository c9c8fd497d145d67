/**
 * `@shoal/node/control`: what a program needs to talk to a running node. Loads nothing of the network, so that a
 * command that only attaches stays quick.
 *
 * @packageDocumentation
 */
export { ControlClient } from './client.ts'
export type { FetchRequest, ListRequest, ShareRequest } from './schemas.ts'
export { parseLink } from '../content/link.ts'
export { ERRORS, ShoalError, isShoalError, type ErrorCode } from '../errors.ts'
export type * from '../events.ts'
export { loadIdentity, type Identity } from '../identity/identity.ts'
export { NETWORK_PRESETS, defaultHome, type NetworkPreset, type NodeOptions } from '../options.ts'
export { homePaths, type HomePaths } from '../store/home.ts'
export { escapeForDisplay } from '../util/display.ts'
