/** Names that no share may bring to a disk, of every class that advisories know. */
import type { Mutator } from '../../helpers/mutate.ts'
import { word } from './share.ts'

const text = (name: string): Uint8Array => Buffer.from(name)

/** One name of each class; `outside` is an absolute path that no fetch may touch. */
const CLASSES: readonly ((random: Mutator, outside: string) => Uint8Array)[] = [
  () => text('..'),
  () => text('.'),
  () => text(''),
  (random) => text(`${'../'.repeat(1 + random.below(5))}${word(random)}`),
  (random) => text(`${word(random)}/${'../'.repeat(2 + random.below(4))}${word(random)}`),
  (random) => text(`${word(random)}/..`),
  (_random, outside) => text(outside),
  (random, outside) => text(`${outside}/${word(random)}`),
  (random) => text(`/${word(random)}`),
  (random) => text(`//server/${word(random)}`),
  (random) => text(`\\\\server\\${word(random)}`),
  (random) => text(`\\\\?\\C:\\${word(random)}`),
  (random) => text(`C:\\${word(random)}`),
  (random) => text(`${word(random)}\\..\\${word(random)}`),
  (random) => text(`${'..\\'.repeat(1 + random.below(5))}${word(random)}`),
  (random) => text(`${word(random)}\0.txt`),
  (random) => text(`..\0${word(random)}`),
  (random) => text(`${word(random)}${String.fromCharCode(1 + random.below(31))}`),
  (random) => text(`\u001b[2J${word(random)}`),
  (random) => text(`${word(random)}${String.fromCharCode(0x7f + random.below(33))}`),
  (random) => text(`${word(random)}${String.fromCharCode(0x202a + random.below(5))}fdp.exe`),
  (random) => text(`${String.fromCharCode(0x2066 + random.below(4))}${word(random)}`),
  (random) => text(`.${random.pick(['\u200b', '\u200c', '\u200d', '\ufeff'])}.`),
  (random) => text(random.pick(['\u200b', '\u200c\u200d', '\u2060'])),
]

/** Names that are no UTF-8: what reads them loosely makes another name of them. */
const BYTES: readonly ((random: Mutator) => Uint8Array)[] = [
  (random) => Buffer.concat([text('..'), Uint8Array.of(0xc0, 0xaf), text(word(random))]),
  (random) => Buffer.concat([Uint8Array.of(0xc0, 0xae, 0xc0, 0xae), text(`/${word(random)}`)]),
  (random) => Buffer.concat([text(word(random)), Uint8Array.of(0x80 + random.below(64))]),
  (random) => Buffer.concat([text(word(random)), Uint8Array.of(0xe0, 0x80, 0xaf)]),
  (random) => Buffer.concat([text(word(random)), Uint8Array.of(0xed, 0xa0 + random.below(32), 0x80)]),
  (random) => Buffer.concat([text(word(random)), Uint8Array.of(0xf4, 0x90 + random.below(32), 0x80, 0x80)]),
  (random) => Buffer.concat([text(word(random)), Uint8Array.of(0xe2, 0x82)]),
  (random) => Buffer.concat([text(word(random)), Uint8Array.of(0xf8 + random.below(8))]),
]

/** @param index which class; all are reached by counting up */
export function unsafeText(random: Mutator, index: number, outside: string): string {
  const make = CLASSES[index % CLASSES.length] as (typeof CLASSES)[number]
  return Buffer.from(make(random, outside)).toString()
}

export function unsafeBytes(random: Mutator, index: number, outside: string): Uint8Array {
  const all = [...CLASSES, ...BYTES]
  return (all[index % all.length] as (typeof CLASSES)[number])(random, outside)
}
