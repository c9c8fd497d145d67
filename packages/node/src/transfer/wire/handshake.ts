/**
 * The first messages of a session: hello from who opened it, hello with a proof, and a proof back. Nothing of a root is said
 * before both sides proved that they know it; any other message ends the session.
 */
import type { CID } from 'multiformats/cid'
import { digestsEqual, providerDigest } from '../../content/cid.ts'
import { ShoalError } from '../../errors.ts'
import type { Channel } from '../../network/channel.ts'
import { VERSION } from '../constants.ts'
import type { Message } from './messages.ts'
import { proofHolds, proofOf, type ProofFacts, type Role } from './proofs.ts'

/** Finds what this node holds under a provider key digest. */
export type Lookup = (providerDigest: Uint8Array) => CID | undefined

export interface HandshakeInit {
  /** Whose ids the proofs are bound to. */
  readonly channel: Pick<Channel, 'localId' | 'remoteId'>
  readonly nonce: Uint8Array
  readonly send: (message: Message) => void
}

/** `unknown`: the other side asks for what is not here. */
export type HandshakeResult = 'goes on' | 'done' | 'unknown'

type Hello = Extract<Message, { t: 'hello' }>

export class Handshake {
  readonly role: Role
  readonly #init: HandshakeInit
  readonly #lookup: Lookup
  #root: CID | undefined
  /** Of what the opener has to prove, once it has been answered. */
  #facts: ProofFacts | undefined

  private constructor(init: HandshakeInit, role: Role, lookup: Lookup, root?: CID) {
    this.#init = init
    this.role = role
    this.#lookup = lookup
    this.#root = root
  }

  static opening(init: HandshakeInit, root: CID): Handshake {
    return new Handshake(init, 'opener', () => undefined, root)
  }

  static answering(init: HandshakeInit, lookup: Lookup): Handshake {
    return new Handshake(init, 'answerer', lookup)
  }

  /** Known to who answers once the opener named it. */
  get root(): CID | undefined {
    return this.#root
  }

  /** Says hello, of the side that does so first. */
  begin(): void {
    if (this.#root === undefined) return
    const { nonce, send } = this.#init
    send({ t: 'hello', v: VERSION, pk: providerDigest(this.#root), nonce })
  }

  /** Takes the next message. @throws ShoalError ERR_PROTOCOL */
  take(message: Message): HandshakeResult {
    if (this.#facts !== undefined) return this.#takeProof(message, this.#facts)
    if (message.t !== 'hello') throw outOfOrder(message)
    if (message.v !== VERSION) throw new ShoalError('ERR_PROTOCOL', `unknown version ${message.v}`)
    return this.role === 'answerer' ? this.#answer(message) : this.#takeAnswer(message)
  }

  #answer({ pk, nonce: openerNonce, mac }: Hello): HandshakeResult {
    if (mac !== undefined) {
      throw new ShoalError('ERR_PROTOCOL', 'an opener proves nothing before it was answered')
    }
    const root = this.#lookup(pk)
    if (root === undefined) return 'unknown'
    const { channel, nonce, send } = this.#init
    const ids = { openerId: channel.remoteId, answererId: channel.localId }
    this.#root = root
    this.#facts = { root, openerNonce, answererNonce: nonce, ...ids }
    send({ t: 'hello', v: VERSION, pk, nonce, mac: proofOf('answerer', this.#facts) })
    return 'goes on'
  }

  #takeAnswer({ pk, nonce: answererNonce, mac }: Hello): HandshakeResult {
    const { channel, nonce, send } = this.#init
    const root = this.#root as CID
    const ids = { openerId: channel.localId, answererId: channel.remoteId }
    const facts = { root, openerNonce: nonce, answererNonce, ...ids }
    if (!digestsEqual(pk, providerDigest(root)) || mac === undefined || !proofHolds('answerer', facts, mac)) {
      throw unproven()
    }
    send({ t: 'proof', mac: proofOf('opener', facts) })
    return 'done'
  }

  #takeProof(message: Message, facts: ProofFacts): HandshakeResult {
    if (message.t !== 'proof') throw outOfOrder(message)
    if (!proofHolds('opener', facts, message.mac)) throw unproven()
    return 'done'
  }
}

export function outOfOrder(message: Message): ShoalError {
  return new ShoalError('ERR_PROTOCOL', `a peer sent "${message.t}" out of order`)
}

function unproven(): ShoalError {
  return new ShoalError('ERR_PROTOCOL', 'a peer could not prove that it knows this share')
}
