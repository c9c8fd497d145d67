/** Known answers of docs/protocol/space-keys.md: files of both versions, as they were once written. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { decodeBelongings } from '../../src/control/belongings/belongings.ts'
import { cidOf, DAG_CBOR, RAW } from '../../src/content/cid.ts'
import { openIdentity, sealIdentity } from '../../src/identity/sealed-identity.ts'

const bytes = (value: number, length = 32): Uint8Array => new Uint8Array(length).fill(value)
const random = { bytes: (length: number): Uint8Array => bytes(3, length) }
const PASSPHRASE = 'seven grey pebbles'
const OWN = { seed: bytes(0), instance: bytes(1), former: [bytes(2)] }

const VERSION_1 = String.raw`{"type":"shoal/identity","v":1,"scrypt":{"n":131072,"r":8,"p":1},"salt":"AwMDAwMDAwMDAwMDAwMDAw","nonce":"AwMDAwMDAwMDAwMD","check":"MfzrV3KPdsjU4DEgLxI_3CwDDdhhLF5MHqCZtaLUYqU","sealed":"jOuLMdtYVOKS6ntUDI5TCGOqIZI_Ylsr7Zk5yAfKRBNSnYG1w4-QQK7urdjLgNbbr-FlpLGiLcyG3kyvhrtveU-mku0OJ5ew0cBX5K8-2UqSkyfNmdPp-10hbL0o7lc1EAEX17_otw1rjpD-ZntlkvNSSh_k3EZhVUZvpXysM--I-83n0ze0Gt2Pcv2DVTcqDkMDwwhAY67uI_wOMoniy_sW0Y8hxszPWTEU5CG8iu1lVSjttu_YeQ","sum":"S4NmUzUJME0"}`
const VERSION_2 = String.raw`{"type":"shoal/identity","v":2,"scrypt":{"n":131072,"r":8,"p":1},"salt":"AwMDAwMDAwMDAwMDAwMDAw","nonce":"AwMDAwMDAwMDAwMD","check":"MfzrV3KPdsjU4DEgLxI_3CwDDdhhLF5MHqCZtaLUYqU","sealed":"98n4_MUeBb3Vzxgvb45TCGOqIZI_Ylsr7Zk5yAfKRBNSnYG1w4-QQK7urdjLgNbbr-FlpNLPTuTKgRqnhqt-Ohvntp5xR5ew0cBX5K8-2UqSkyfNmdPp-10hbL0o7lc1EAEX17_otw1rjpD-ZhsI4dAfFFDnwRY2axYM-G7NM--I-83n0ze0Gt2Pcv2DVTcqDkMDwwhAY67uI_wOMoniy_sW0Y8hp9DVA-p53YQ2E_NtYwPRg1_Pw-gr0eRZhNBau6xbEiw_tC405ulcsxrGgcTDuNpt01xUFNbbe7iI9zo_Y64ZKU0lOgsXCABO47o0dELOeSK7julLbRkPjnAWtdKWzr0QqyYK51b0HT5g5PfszJl-g8jp1zcuUQjleSCtIvVfgCpf2K6Z7s1C90IbE3Si3_fc5rDZnn03bt5Dg1yJl-H-oRkGGE0LJnjwIvwrnmfLC3NBWoeSdyZPYhmtHeONI-DKDSIHKq79F3NZGg","sum":"x7VEwUv5ae4"}`
const ALONG = Buffer.from(
  '8182582004040404040404040404040404040404040404040404040404040404040404046653747564696f8458240171122005050505050505050505050505050505050505050505050505050505050505055820060606060606060606060606060606060606060606060606060606060606060667486f6c696461791a0012d687845824015512200707070707070707070707070707070707070707070707070707070707070707406874616c6b2e7478740f',
  'hex',
)

test('a file of version 1 is read, and nothing goes along with it', async () => {
  expect(await openIdentity(VERSION_1, PASSPHRASE)).toEqual({ ...OWN, along: undefined })
  expect(await sealIdentity({ ...OWN, along: undefined }, PASSPHRASE, random)).toBe(`${VERSION_1}\n`)
})

test('a file of version 2 is read and written', async () => {
  const along = new Uint8Array(ALONG)
  expect(await openIdentity(VERSION_2, PASSPHRASE)).toEqual({ ...OWN, along })
  expect(await sealIdentity({ ...OWN, along }, PASSPHRASE, random)).toBe(`${VERSION_2}\n`)
  expect(decodeBelongings(along)).toMatchObject({
    spaces: [{ id: '04'.repeat(32), name: 'Studio' }],
    list: along.subarray(-136),
    shares: 2,
  })
  expect(Buffer.from(along).includes(Buffer.from(cidOf(DAG_CBOR, bytes(5)).bytes))).toBe(true)
  expect(Buffer.from(along).includes(Buffer.from(cidOf(RAW, bytes(7)).bytes))).toBe(true)
})

test('they stand in the document', () => {
  const page = new URL('../../../../docs/protocol/space-keys.md', import.meta.url)
  const text = readFileSync(page, 'utf8')
  for (const answer of [VERSION_1, VERSION_2, ALONG.toString('hex')]) expect(text).toContain(answer)
})
