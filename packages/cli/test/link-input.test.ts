import { Readable } from 'node:stream'
import { isShoalError } from '@shoal/node/control'
import { expect, test } from 'vitest'
import { readLink } from '../src/link-input.ts'

function input(init: { argument?: string; env?: Record<string, string>; stdin?: Iterable<unknown> }) {
  let asked = 0
  const link = readLink({
    argument: init.argument ?? '-',
    env: init.env ?? {},
    stdin: Readable.from(init.stdin ?? []),
    ask: () => asked++,
  })
  return { link, asked: () => asked }
}

test('a link on the command line is taken as it is', async () => {
  const { link, asked } = input({ argument: ' shoal://a ', env: { SHOAL_LINK: 'shoal://b' } })
  expect(await link).toBe('shoal://a')
  expect(asked()).toBe(0)
})

test('- is SHOAL_LINK where it is set', async () => {
  const { link, asked } = input({ env: { SHOAL_LINK: 'shoal://b\n' }, stdin: ['shoal://c\n'] })
  expect(await link).toBe('shoal://b')
  expect(asked()).toBe(0)
})

test('- is one line of standard input else', async () => {
  const { link, asked } = input({
    env: { SHOAL_LINK: '' },
    stdin: [Buffer.from('shoal:'), Buffer.from('//c\nmore\n')],
  })
  expect(await link).toBe('shoal://c')
  expect(asked()).toBe(1)
})

test('the last line may lack its end', async () => {
  expect(await input({ stdin: ['shoal://c'] }).link).toBe('shoal://c')
})

test.each([[[]], [['\n']], [['  \n', 'shoal://late\n']]])(
  'nothing on standard input is wrong usage: %j',
  async (stdin) => {
    await expect(input({ stdin }).link).rejects.toSatisfy((error) => isShoalError(error, 'ERR_USAGE'))
  },
)

test('endless input without a line ends', async () => {
  const endless = (function* () {
    for (;;) yield 'x'.repeat(1_000)
  })()
  expect((await input({ stdin: endless }).link).length).toBeLessThan(10_000)
})
