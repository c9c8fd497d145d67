/**
 * The comparison code: six digits that both sides show, and that two people compare when one device lets in another. They
 * are the same only if both devices saw the same keys.
 *
 * Who stands between could try keys and nonces of its own until the digits agree, a million tries, a second's work. So the
 * joiner first commits to its nonce, then the other side names its own, and only then the joiner's is revealed: whoever
 * stands between has to fix both of its nonces before it knows what they would give, and has one chance in 1,000,000 for
 * each pair of people who compare. More digits would be read less carefully; fewer would do for a LAN but not for a link
 * that was passed on.
 *
 *     joiner                         admitter
 *     commitment, keys   ------->
 *                        <-------    nonce, keys
 *     nonce              ------->    (is it what was committed to?)
 *     shows code                     shows code
 *
 * Each side is a state machine without clock, network or randomness. What comes out of order or twice ends it for good:
 * another try is a new machine with a new nonce.
 */
import { sha256 } from '../../content/cid.ts'
import { ShoalError } from '../../errors.ts'
import { peerIdBytesOf } from '../../identity/peer-id.ts'
import { bind, KEY_BYTES } from '../keys/derive.ts'
import { COMPARISON_DIGITS } from './limits.ts'

const LABEL = 'shoal/compare/1'

/** What is compared of one side. */
export interface ComparedParty {
  /** Author key, 32 bytes. */
  readonly author: Uint8Array
  /** Sealing key, 32 bytes. */
  readonly sealing: Uint8Array
  readonly peerId: string
}

export interface ComparisonInit {
  /** Id of the space, 32 bytes. */
  readonly space: Uint8Array
  /** This side. */
  readonly own: ComparedParty
  /** 32 random bytes, for this machine only. */
  readonly nonce: Uint8Array
}

/** `agreed` and `refused` are final. */
export type ComparisonState = 'waiting' | 'comparing' | 'agreed' | 'refused'

/** What both sides have in common: a code once there is one, and what the person says of it. */
class Comparison {
  protected readonly init: ComparisonInit
  #state: ComparisonState = 'waiting'
  #code: string | undefined

  constructor(init: ComparisonInit) {
    if (init.space.byteLength !== KEY_BYTES || init.nonce.byteLength !== KEY_BYTES) {
      throw new ShoalError('ERR_OPTIONS_INVALID', `a comparison takes a nonce of ${KEY_BYTES} bytes`)
    }
    this.init = init
  }

  get state(): ComparisonState {
    return this.#state
  }

  /** Such as `418 902`; undefined until both sides have all that it is made of. */
  get code(): string | undefined {
    return this.#code
  }

  /** What the person said: are the digits the same on both sides? @throws ShoalError ERR_PROTOCOL when none are shown */
  decide(isSame: boolean): void {
    this.expect(this.#state === 'comparing', 'no code is shown')
    this.#state = isSame ? 'agreed' : 'refused'
  }

  protected show(code: string): void {
    this.#code = code
    this.#state = 'comparing'
  }

  /** Ends it for good where something does not hold; what people have agreed on stands. */
  protected expect(holds: boolean, what: string): void {
    if (holds) return
    if (this.#state !== 'agreed') this.#state = 'refused'
    throw new ShoalError('ERR_PROTOCOL', `comparing codes failed: ${what}`)
  }
}

/** The side that asks to be let in. */
export class JoinerComparison extends Comparison {
  /** What goes to the other side first, 32 bytes. */
  readonly commitment: Uint8Array

  constructor(init: ComparisonInit) {
    super(init)
    this.commitment = commitmentOf(init.space, init.own, init.nonce)
  }

  /**
   * Takes the other side's nonce and keys, and gives this side's nonce to be sent. The code is shown from then on.
   *
   * @throws ShoalError ERR_PROTOCOL when they come twice or are none
   */
  reveal(nonce: Uint8Array, admitter: ComparedParty): Uint8Array {
    this.expect(this.state === 'waiting', 'an answer came twice')
    this.expect(isParty(admitter) && nonce.byteLength === KEY_BYTES, 'an answer is malformed')
    const { space, own, nonce: ownNonce } = this.init
    this.show(comparisonCode({ space, joiner: own, admitter, joinerNonce: ownNonce, admitterNonce: nonce }))
    return ownNonce
  }
}

/** The side that lets in. */
export class AdmitterComparison extends Comparison {
  #joiner: ComparedParty | undefined
  #commitment: Uint8Array | undefined

  /**
   * Takes the commitment and the keys of who asks, and gives this side's nonce to be sent.
   *
   * @throws ShoalError ERR_PROTOCOL when they come twice or are none
   */
  answer(commitment: Uint8Array, joiner: ComparedParty): Uint8Array {
    this.expect(this.state === 'waiting' && this.#commitment === undefined, 'a commitment came twice')
    this.expect(isParty(joiner) && commitment.byteLength === KEY_BYTES, 'a commitment is malformed')
    this.#joiner = joiner
    this.#commitment = commitment
    return this.init.nonce
  }

  /**
   * Takes the nonce that was committed to. The code is shown from then on.
   *
   * @throws ShoalError ERR_PROTOCOL when it is another, comes twice, or before a commitment
   */
  check(nonce: Uint8Array): void {
    const joiner = this.#joiner
    const { space, own, nonce: admitterNonce } = this.init
    this.expect(this.state === 'waiting', 'a nonce came twice')
    if (joiner === undefined || this.#commitment === undefined)
      return this.expect(false, 'no commitment came')
    const isCommitted = Buffer.compare(commitmentOf(space, joiner, nonce), this.#commitment) === 0
    this.expect(isCommitted, 'the other side changed its nonce')
    this.show(comparisonCode({ space, joiner, admitter: own, joinerNonce: nonce, admitterNonce }))
  }
}

export interface ComparisonCodeInit {
  readonly space: Uint8Array
  readonly joiner: ComparedParty
  readonly admitter: ComparedParty
  readonly joinerNonce: Uint8Array
  readonly admitterNonce: Uint8Array
}

/** The digits, in two groups. The first 8 bytes of the hash modulo 10^6: no code is likelier than another by 2^-44. */
export function comparisonCode(init: ComparisonCodeInit): string {
  const { space, joiner, admitter, joinerNonce, admitterNonce } = init
  const message = bind(
    LABEL,
    'code',
    space,
    ...partsOf(joiner),
    ...partsOf(admitter),
    joinerNonce,
    admitterNonce,
  )
  const number = Buffer.from(sha256(message)).readBigUInt64BE() % 10n ** BigInt(COMPARISON_DIGITS)
  const digits = number.toString().padStart(COMPARISON_DIGITS, '0')
  return `${digits.slice(0, COMPARISON_DIGITS / 2)} ${digits.slice(COMPARISON_DIGITS / 2)}`
}

function commitmentOf(space: Uint8Array, joiner: ComparedParty, nonce: Uint8Array): Uint8Array {
  return sha256(bind(LABEL, 'commit', space, ...partsOf(joiner), nonce))
}

function partsOf({ author, sealing, peerId }: ComparedParty): Uint8Array[] {
  return [author, sealing, peerIdBytesOf(peerId)]
}

function isParty({ author, sealing }: ComparedParty): boolean {
  return author.byteLength === KEY_BYTES && sealing.byteLength === KEY_BYTES
}
