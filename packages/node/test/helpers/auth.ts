/** Devices that write operations of an auth log: with real signatures, or without any where only rules are tested. */
import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto'
import { encodeBody, encodeOperation, redeemProofBytes } from '../../src/spaces/auth/operation.ts'
import type { Operation, OperationFields } from '../../src/spaces/auth/operation.ts'
import type { Action, Hex, Redeem } from '../../src/spaces/auth/action.ts'

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

export const digestOf = (text: string | Uint8Array): Hex => createHash('sha256').update(text).digest('hex')

/** A key pair that always is the same for the same name. */
export class Device {
  readonly name: string
  readonly key: Hex
  readonly sealing: Hex
  readonly #private: KeyObject

  constructor(name: string) {
    this.name = name
    const seed = createHash('sha256').update(`device ${name}`).digest()
    this.#private = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
    const { x } = createPublicKey(this.#private).export({ format: 'jwk' })
    this.key = Buffer.from(x as string, 'base64url').toString('hex')
    this.sealing = digestOf(`sealing ${name}`)
  }

  readonly sign = (bytes: Uint8Array): Uint8Array => sign(null, bytes, this.#private)

  signed(space: Hex | undefined, prev: readonly Hex[], action: Action): Operation {
    return encodeOperation({ space, author: this.key, prev: prev.toSorted(), action }, this.sign)
  }

  /** The redemption by `device` of the invite whose link carries this key pair. */
  redeem(space: Hex, invite: Hex, device: Device): Redeem {
    const nonce = digestOf(`nonce ${device.name}`)
    const proof = Buffer.from(this.sign(redeemProofBytes(space, device.key, nonce))).toString('hex')
    return { type: 'redeem', invite, key: this.key, nonce, proof, sealing: device.sealing }
  }
}

/** An operation without signature, as the rules see it: they never look at one. */
export function unsigned(fields: OperationFields): Operation {
  const body = encodeBody({ ...fields, prev: fields.prev.toSorted() })
  return {
    ...fields,
    prev: fields.prev.toSorted(),
    id: digestOf(body),
    frame: new Uint8Array(body.byteLength + 64),
  }
}

export function genesisOf(founders: readonly Device[], name = 'space'): Action {
  return {
    type: 'genesis',
    name,
    nonce: digestOf(`nonce of ${name}`),
    agreement: 1,
    founders: founders.map(({ key, sealing }) => ({ key, sealing })),
  }
}
