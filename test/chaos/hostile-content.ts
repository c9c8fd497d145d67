/**
 * Fetches all that a root names, as docs/protocol/transfer.md and sealed.md say, without a line of Shoal's own: what a
 * hostile peer serves it has from an honest one. Sealed content stays sealed.
 */
import { CID, decode } from '../../packages/node/test/helpers/ipld.ts'
import { readVarint, sha256, type Content, type Talk } from './hostile-peer.ts'

const [RAW, DAG_CBOR] = [0x55, 0x71]
/** Blocks asked for at once. */
const WINDOW = 16

/** The root, with nothing of what it names. */
export function contentOf(root: string): Content {
  return { root: CID.parse(root), nodes: new Map(), blocks: [] }
}

/** The links of a dag-pb node, in stored order: `12 length, 0a length CID, ...` each. */
function linksOf(node: Uint8Array): CID[] {
  const links: CID[] = []
  for (let at = 0; at < node.length;) {
    const [length, start] = readVarint(node, at + 1) as [number, number]
    if (node[at] === 0x12)
      links.push(CID.decode(node.subarray(start + 2, start + 2 + (node[start + 1] as number))))
    at = start + length
  }
  return links
}

/** Fills the content of an honest session from it, every byte verified. */
export async function fetchAll(talk: Talk): Promise<Content> {
  const { root, nodes, blocks } = talk.content
  const digests: Uint8Array[] = []
  const names: string[] = []
  const get = async (c: CID): Promise<Uint8Array> => {
    await talk.say({ t: 'get', c: [c] })
    const { payload = c.bytes } = await talk.answer(({ t }) => t === 'cid' || t === 'no')
    if (!sha256(payload).equals(c.multihash.digest)) throw new Error(`${String(c)} did not come`)
    nodes.set(String(c), payload)
    return payload
  }
  const walk = async (c: CID): Promise<void> => {
    const node = c.code === RAW ? undefined : await get(c)
    // A node without links is a leaf if its UnixFS type, the third byte after the field's key, is that of a file.
    if (node === undefined || node[3] === 2) names[digests.push(c.multihash.digest) - 1] = String(c)
    else for (const link of linksOf(node)) await walk(link)
  }
  await talk.answer(({ t }) => t === 'have')
  if (root.code !== DAG_CBOR) await walk(root)
  else
    for (const page of decode<{ pages: CID[] }>(await get(root)).pages) {
      const bytes = await get(page)
      for (let at = 0; at < bytes.length; at += 32) digests.push(bytes.subarray(at, at + 32))
    }
  for (let from = 0; from < digests.length; from += WINDOW) {
    const i = digests.slice(from, from + WINDOW).map((_, offset) => from + offset)
    await talk.say({ t: 'want', i })
    for (const _ of i) {
      const { i: n, payload = root.bytes } = await talk.answer(({ t }) => t === 'block')
      const digest = digests[n as number] ?? root.bytes
      if (!sha256(payload).equals(digest)) throw new Error(`block ${String(n)} is wrong`)
      blocks[n as number] = payload
      const name = names[n as number]
      if (name !== undefined) nodes.set(name, payload)
    }
  }
  return talk.content
}
