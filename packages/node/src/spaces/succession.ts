/**
 * How a home that was brought back from an export gets its place in a space again. It signs with a key that the space does not
 * know; the key of the instance before it, which the export brought along, lets that one in, with a role that it can give.
 */
import { toHex } from './auth/action-codec.ts'
import type { Action, Genesis } from './auth/action.ts'
import type { AuthLog } from './auth/log.ts'
import { FOUNDER, levelOf, MANAGE } from './auth/roles.ts'
import type { SigningKey } from './keys/device-keys.ts'
import type { SpaceDevice } from './space-device.ts'

export interface Succession {
  readonly by: SigningKey
  readonly action: Exclude<Action, Genesis>
}

/**
 * What has to be written so that this device has the role of a former instance; undefined when there is nothing to write. Who may
 * only read or write cannot let anybody in, and asks who manages the space like any new device.
 */
export function succession({ facts, state }: AuthLog, device: SpaceDevice): Succession | undefined {
  const member = toHex(device.author.publicKey)
  // Also who was put out since: it does not come back by itself.
  if (facts.ofKey(member).grants.length > 0) return undefined
  const sealing = toHex(device.sealings[0].publicKey)
  for (const by of device.formers) {
    const level = levelOf(state.members.get(toHex(by.publicKey))?.role ?? 'pull')
    if (level === FOUNDER) return { by, action: { type: 'founder', member, sealing } }
    if (level === MANAGE) {
      return { by, action: { type: 'admit', member, sealing, role: 'manage', invite: undefined } }
    }
  }
  return undefined
}
