/** A space with one founder and managers to start from, and short ways to write operations without signatures. */
import type { Action, GivenRole, Hex } from '../../../src/spaces/auth/action.ts'
import { AuthLog } from '../../../src/spaces/auth/log.ts'
import type { Operation } from '../../../src/spaces/auth/operation.ts'
import type { AuthState } from '../../../src/spaces/auth/state.ts'
import { Device, digestOf, genesisOf, unsigned } from '../../helpers/auth.ts'

export const founder = new Device('founder')
export const anna = new Device('anna')
export const ben = new Device('ben')
export const carol = new Device('carol')
export const dan = new Device('dan')
export const eve = new Device('eve')

export const admit = (who: Device, role: GivenRole = 'manage', invite?: Hex): Action => ({
  type: 'admit',
  member: who.key,
  role,
  sealing: who.sealing,
  invite,
})
export const remove = (who: Device, after: readonly Hex[] = []): Action => ({
  type: 'remove',
  member: who.key,
  after: after.toSorted(),
})
export const setRole = (who: Device, role: GivenRole, after: readonly Hex[] = []): Action => ({
  type: 'role',
  member: who.key,
  role,
  after: after.toSorted(),
})
export const leave: Action = { type: 'leave', after: [] }
export const nameFounder = (who: Device): Action => ({
  type: 'founder',
  member: who.key,
  sealing: who.sealing,
})
export const rename = (name: string): Action => ({ type: 'rename', name })
export const invite = (link: Device, uses = 1, mode: 'instant' | 'approval' = 'instant'): Action => ({
  type: 'invite',
  key: link.key,
  role: 'write',
  uses,
  expiresMs: 0,
  mode,
})

/** Operations of one space, each named for the test. */
export class Space {
  readonly genesis: Operation
  readonly all: Operation[]

  constructor(founders: readonly Device[] = [founder], name = 'space') {
    this.genesis = unsigned({
      space: undefined,
      author: (founders[0] as Device).key,
      prev: [],
      action: genesisOf(founders, name),
    })
    this.all = [this.genesis]
  }

  get id(): Hex {
    return this.genesis.id
  }

  /** The same space with more operations. */
  with(operations: readonly Operation[]): Space {
    const copy: Space = Object.create(Space.prototype)
    return Object.assign(copy, { genesis: this.genesis, all: [...this.all, ...operations] })
  }

  /** By `author`, who knows `prev` and what stands before it; by default the newest operation. */
  by(author: Device, action: Action, ...prev: Operation[]): Operation {
    const known = prev.length > 0 ? prev : [this.all.at(-1) as Operation]
    const operation = unsigned({ space: this.id, author: author.key, prev: known.map((it) => it.id), action })
    this.all.push(operation)
    return operation
  }

  log(operations: readonly Operation[] = this.all): AuthLog {
    const log = new AuthLog(this.id)
    for (const operation of operations) log.add(operation)
    return log
  }

  get state(): AuthState {
    return this.log().state
  }
}

/** The role of each named device that is a member. */
export function rolesOf(state: AuthState, ...devices: Device[]): Record<string, string> {
  const roles: Record<string, string> = {}
  for (const device of devices) {
    const member = state.members.get(device.key)
    if (member !== undefined) roles[device.name] = member.role
  }
  return roles
}

/** Everything that a state says, as text. */
export function textOf(state: AuthState): string {
  return JSON.stringify(state, (_, value: unknown) => {
    if (value instanceof Map) return [...value]
    return value instanceof Set ? [...value] : value
  })
}

export { digestOf }
