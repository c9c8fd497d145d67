import type { PeerId, Stream } from '@libp2p/interface'
import { expect, test } from 'vitest'
import { Libp2pChannel } from '../../src/network/libp2p-channel.ts'
import { Simulation } from '../helpers/simulation.ts'

const id = { toMultihash: () => ({ bytes: Buffer.from('id') }), toString: () => 'id' } as unknown as PeerId

test('a connection that was closed before its streams throws nothing at who sends, who is told of the end', () => {
  const stream = Object.assign(new EventTarget(), {
    status: 'open',
    writeStatus: 'writable',
    remoteWriteStatus: 'writable',
    close: async () => {},
    // As the library does.
    send: () => {
      const error = new Error('Cannot write to a stream that is closed')
      stream.writeStatus = 'closed'
      stream.dispatchEvent(Object.assign(new Event('close'), { error }))
      throw error
    },
  })
  const channel = new Libp2pChannel(stream as unknown as Stream, id, id, new Simulation(1).seams.timers)
  const ends: (Error | undefined)[] = []
  channel.receive({ onData: () => {}, onClose: (error) => void ends.push(error) })
  expect(channel.send(Uint8Array.of(1))).toBe(true)
  expect(channel.send(Uint8Array.of(2))).toBe(true)
  expect(ends).toMatchObject([{ message: 'Cannot write to a stream that is closed' }])
})
