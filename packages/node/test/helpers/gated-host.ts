/** A libp2p host as `network/host.ts` builds it, with its gate in reach. */
import { noise } from '@chainsafe/libp2p-noise'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { ping } from '@libp2p/ping'
import { createLibp2p, type Libp2p } from 'libp2p'
import { createGate, type Gate, type GateInit } from '../../src/network/gate/gate.ts'
import { systemSeams } from '../../src/util/system.ts'

export interface GatedInit extends Partial<Omit<GateInit, 'peerId' | 'ownAddresses'>> {
  readonly listen?: readonly string[]
}

export interface Gated {
  readonly libp2p: Libp2p
  readonly gate: Gate
  readonly stop: () => Promise<void>
}

export async function startGated({ listen = ['/ip4/127.0.0.1/tcp/0'], ...init }: GatedInit): Promise<Gated> {
  const privateKey = await generateKeyPair('Ed25519')
  const running: { libp2p?: Libp2p } = {}
  const gate = createGate({
    preset: 'private',
    seams: systemSeams,
    isProtected: () => false,
    ...init,
    peerId: peerIdFromPrivateKey(privateKey).toString(),
    ownAddresses: () => running.libp2p?.getMultiaddrs().map(String) ?? [],
  })
  const libp2p = await createLibp2p({
    privateKey,
    addresses: { listen: [...listen] },
    transports: [gate.tcp()],
    connectionEncrypters: [gate.encrypter(noise())],
    streamMuxers: [gate.yamux()],
    connectionGater: gate.gater,
    connectionManager: gate.connectionManager,
    services: { identify: identify(), ping: ping() },
  })
  running.libp2p = libp2p
  await gate.watch(libp2p)
  const stop = async (): Promise<void> => {
    gate.stop()
    await libp2p.stop()
  }
  return { libp2p, gate, stop }
}
