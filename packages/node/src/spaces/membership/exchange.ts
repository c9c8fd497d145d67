/**
 * What two neighbours compare now and then: beacons of others, a few each way, and who is there, as a row of bits. What they
 * see differently they show each other by what was signed, so what a rumour missed is made good, and a newcomer learns of
 * all without anybody sending everything.
 */
import { sha256 } from '../../content/cid.ts'
import { fromHex } from '../auth/action-codec.ts'
import type { Hex } from '../auth/action.ts'
import type { Chance } from './chance.ts'
import { MAX_LIST_BYTES, MAX_STATEMENTS, MIX_BEACONS } from './limits.ts'
import { LIST_ID_BYTES, type List } from './message.ts'
import { evidenceOf, type Roster } from './roster.ts'

export class Exchange {
  readonly #self: Hex
  readonly #roster: Roster
  readonly #chance: Chance
  /** All of them, in order. */
  #members: readonly Hex[] = []
  #id: Uint8Array = new Uint8Array(LIST_ID_BYTES)

  constructor(self: Hex, roster: Roster, chance: Chance) {
    this.#self = self
    this.#roster = roster
    this.#chance = chance
  }

  setMembers(members: ReadonlySet<Hex>): void {
    this.#members = [...members].toSorted().slice(0, MAX_LIST_BYTES * 8)
    this.#id = sha256(Buffer.concat(this.#members.map(fromHex))).subarray(0, LIST_ID_BYTES)
  }

  /** Somebody who is not there, to be looked for; undefined when a few tries find none. */
  missing(): Hex | undefined {
    for (let tries = 8; tries > 0; tries--) {
      const member = this.#chance.pick(this.#members)
      if (member === undefined) return undefined
      if (member !== this.#self && this.#roster.get(member)?.state === 'offline') return member
    }
    return undefined
  }

  /** Beacons of members that are there, of those drawn the freshest. */
  beacons(to: Hex): Uint8Array[] {
    const rows = this.#chance
      .sample(this.#members, MIX_BEACONS * 4)
      .filter((member) => member !== to && this.#roster.online.has(member))
      .map((member) => this.#roster.get(member))
      .filter((row) => row?.beacon !== undefined)
      .toSorted((a, b) => (b?.beaconMs ?? 0) - (a?.beaconMs ?? 0))
    return rows.slice(0, MIX_BEACONS).map((row) => row?.beacon?.frame as Uint8Array)
  }

  list(): Omit<List, 'told'> {
    const online = new Uint8Array(Math.ceil(this.#members.length / 8))
    for (const [index, member] of this.#members.entries()) {
      if (this.#isHere(member)) online[index >> 3] = (online[index >> 3] as number) | (0x80 >> (index & 7))
    }
    return { type: 'list', of: this.#id, online }
  }

  /** What shows the sender of a list where it errs, if it does, of some members. None where it knows other members than we. */
  corrections({ of, online }: List): Uint8Array[] {
    if (Buffer.compare(of, this.#id) !== 0 || online.byteLength !== Math.ceil(this.#members.length / 8))
      return []
    const differing = this.#members.filter((member, index) => {
      const isOnline = ((online[index >> 3] as number) & (0x80 >> (index & 7))) !== 0
      return isOnline !== this.#isHere(member) && member !== this.#self
    })
    const frames: Uint8Array[] = []
    for (const member of this.#chance.sample(differing, MAX_STATEMENTS)) {
      const row = this.#roster.get(member)
      const evidence = row === undefined ? [] : evidenceOf(row)
      if (frames.length + evidence.length <= MAX_STATEMENTS) frames.push(...evidence)
    }
    return frames
  }

  #isHere(member: Hex): boolean {
    return member === this.#self || this.#roster.online.has(member)
  }
}
