import { expect, test } from 'vitest'
import { pushNotice } from '../../src/util/push-notice.ts'

const notice = (code: string, message = '') => ({ type: 'warning', code, message }) as const

test('what is told again takes a new place and displaces no other; what differs is another', () => {
  const list = [notice('WARN_A'), notice('WARN_B')]
  pushNotice(list, notice('WARN_A'), 2)
  expect(list).toEqual([notice('WARN_B'), notice('WARN_A')])
  pushNotice(list, notice('WARN_A', 'other'), 2)
  expect(list).toEqual([notice('WARN_A'), notice('WARN_A', 'other')])
})
