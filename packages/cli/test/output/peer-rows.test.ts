import type { PeerEvent } from '@shoal/node/control'
import { describe, expect, test } from 'vitest'
import type { Mode } from '../../src/output/mode.ts'
import { reportPeers } from '../../src/output/peer-rows.ts'
import { fakeOutput, jsonLines } from '../support.ts'

const PEER: PeerEvent = {
  type: 'peer',
  id: '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp',
  name: null,
  direct: true,
  address: '/ip4/192.168.1.7/tcp/4001/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp',
  inbound: true,
  seconds: 185,
  shoal: true,
}
const PEERS: PeerEvent[] = [
  PEER,
  { ...PEER, id: 'QmRelayed\u001b[2Ju2Qk', direct: false, inbound: false, seconds: 3_599, shoal: null },
  { ...PEER, name: 'Mia\u202e', shoal: false, seconds: 0, address: '/dns4/x\u001b[31m/tcp/1' },
]

describe.each<[string, Mode, object]>([
  ['terminal', 'terminal', { isShared: true }],
  ['narrow terminal', 'terminal', { isShared: true, columns: 60 }],
  ['plain', 'plain', {}],
  ['quiet', 'quiet', {}],
])('%s', (_name, mode, init) => {
  test('who is connected', () => {
    const output = fakeOutput(mode, init)
    reportPeers(output, PEERS)
    expect(output.out.text).toMatchSnapshot()
    for (const hostile of ['\u001b', '\u202e']) expect(output.out.text).not.toContain(hostile)
  })
})

test('as JSON each is a line as it came', () => {
  const output = fakeOutput('json')
  reportPeers(output, PEERS)
  expect(jsonLines(output.out.text)).toEqual(PEERS)
})

test('nobody', () => {
  const output = fakeOutput('terminal', { isShared: true })
  reportPeers(output, [])
  expect(output.out.text).toBe('No device is connected.\n')
  const others = fakeOutput('terminal', { isShared: true })
  reportPeers(others, [{ ...PEER, shoal: false }])
  expect(others.out.text).toMatch(/^0 Shoal devices connected, 1 other\n/)
  for (const mode of ['plain', 'quiet', 'json'] as const) {
    const silent = fakeOutput(mode)
    reportPeers(silent, [])
    expect(silent.out.text, mode).toBe('')
  }
})
