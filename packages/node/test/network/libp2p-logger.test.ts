import { expect, test } from 'vitest'
import { libp2pLogger } from '../../src/network/libp2p-logger.ts'
import type { Log, LogFields } from '../../src/util/log.ts'

test('what libp2p says is a line with what it put in, and whose it is', () => {
  const lines: [string, LogFields | undefined][] = []
  const debug = (message: string, fields?: LogFields): void => void lines.push([message, fields])
  const log = { isDebugged: true, debug } as Log
  const logger = libp2pLogger(log).forComponent('libp2p:tcp')
  logger('dial %a of %p', '/ip4/1.2.3.4', 'a peer')
  logger.error('failed: %e', new Error('refused'))
  logger.newScope('x').newScope('y')('100 %d')
  logger.trace('each frame')
  expect(logger.enabled).toBe(true)
  expect(lines).toEqual([
    ['dial /ip4/1.2.3.4 of a peer', { scope: 'libp2p:tcp' }],
    ['failed: refused', { scope: 'libp2p:tcp' }],
    ['100 undefined', { scope: 'libp2p:tcp:x:y' }],
  ])
})
