import { expect, test } from 'vitest'
import type { PickerPeer } from '../../../src/transfer/scheduling/block-picker.ts'
import { InOrderPicker } from '../../../src/transfer/scheduling/in-order-picker.ts'

function peerWith(blocks: readonly number[], isOwn = false): PickerPeer {
  return {
    hasAll: false,
    isOwn,
    canGive: (block) => blocks.includes(block),
    hasNamed: (block) => blocks.includes(block),
    named: () => blocks,
  }
}

test('what this node has is asked of nobody else, as long as it is there', () => {
  const picker = new InOrderPicker([0, 1, 2, 3], () => true)
  const [own, other] = [peerWith([0, 2, 3], true), peerWith([0, 1, 2, 3])]
  picker.enter(other)
  picker.enter(own)
  expect([picker.take(other), picker.take(other)]).toEqual([1, undefined])
  expect(picker.take(own)).toBe(0)
  picker.leave(own)
  expect([picker.take(other), picker.take(other)]).toEqual([2, 3])
})

test('a device that leaves changes nothing for others', () => {
  const picker = new InOrderPicker([0, 1], () => true)
  const [own, other] = [peerWith([0], true), peerWith([0, 1])]
  picker.enter(own)
  picker.leave(other)
  expect([picker.take(other), picker.take(own)]).toEqual([1, 0])
})
