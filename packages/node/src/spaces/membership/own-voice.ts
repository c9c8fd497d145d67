/** What this node says of itself, and whom it accuses: made, signed, and kept until it says something newer. */
import type { Hex } from '../auth/action.ts'
import { BEACONS_AT_ONCE } from './limits.ts'
import {
  encodeBody,
  encodeContent,
  frameOf,
  messageOf,
  type BeaconContent,
  type Said,
  type Statement,
} from './statement.ts'

export interface OwnVoiceInit {
  /** Id of the space, 32 bytes. */
  readonly space: Uint8Array
  readonly self: Hex
  /** Signs under the author key of this device; the signature has 64 bytes. It may come at once or later. */
  readonly sign: (message: Uint8Array, done: (signature: Uint8Array) => void) => void
  readonly describe: () => BeaconContent
}

export class OwnVoice {
  readonly #init: OwnVoiceInit
  #incarnation: number
  #sequence = 0
  #alive: Statement | undefined
  #beacon: (Statement & { readonly type: 'beacon' }) | undefined
  /** The beacon in which something was new last. */
  #changed = 0
  #content: Uint8Array = new Uint8Array()

  /** @param incarnation more than that of any earlier run: the time, as a rule */
  constructor(init: OwnVoiceInit, incarnation: number) {
    this.#init = init
    this.#incarnation = incarnation
  }

  get incarnation(): number {
    return this.#incarnation
  }

  /** Of the newest beacon. */
  get sequence(): number {
    return this.#beacon?.sequence ?? 0
  }

  /** Begins an incarnation above the given one and says so. */
  renew(above: number, done: (statement: Statement) => void): void {
    this.#incarnation = Math.max(this.#incarnation, above) + 1
    this.sayAlive(done)
  }

  sayAlive(done: (statement: Statement) => void): void {
    const incarnation = this.#incarnation
    this.#say({ type: 'alive', member: this.#init.self, incarnation }, (statement) => {
      if (incarnation !== this.#incarnation) return
      this.#alive = statement
      done(statement)
    })
  }

  sayGone(done: (statement: Statement) => void): void {
    this.#say({ type: 'gone', member: this.#init.self, incarnation: this.#incarnation }, done)
  }

  sayBeacon(): void {
    const { self, describe } = this.#init
    const incarnation = this.#incarnation
    const sequence = ++this.#sequence
    const content = describe()
    const encoded = encodeContent(content)
    if (Buffer.compare(encoded, this.#content) !== 0) this.#changed = sequence
    this.#content = encoded
    const said = { type: 'beacon', member: self, incarnation, sequence, content } as const
    this.#say(said, ({ frame }) => {
      if (sequence > this.sequence) this.#beacon = { ...said, frame }
    })
  }

  accuse(member: Hex, incarnation: number, done: (statement: Statement) => void): void {
    this.#say({ type: 'suspect', by: this.#init.self, member, incarnation }, done)
  }

  /** What a member is to be told that knows of us so much. A beacon in which nothing is new can wait for some more. */
  newerThan(known: { incarnation: number; sequence: number } | undefined): Statement[] {
    const isTold = known !== undefined && known.incarnation >= this.#incarnation
    const alive = isTold ? undefined : this.#alive
    const isKnown =
      known !== undefined &&
      known.sequence >= Math.min(this.#changed, this.sequence) &&
      this.sequence < known.sequence + BEACONS_AT_ONCE
    const beacon = isKnown ? undefined : this.#beacon
    return [alive, beacon].filter((statement) => statement !== undefined)
  }

  #say(said: Said, done: (statement: Statement) => void): void {
    const body = encodeBody(said)
    this.#init.sign(messageOf(this.#init.space, body), (signature) => {
      done({ ...said, frame: frameOf(signature, body) })
    })
  }
}
