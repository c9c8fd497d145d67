import { ERRORS, ShoalError, type ErrorCode } from '@shoal/node/control'
import { expect, test } from 'vitest'
import { Interrupted, failureOf, printFailure } from '../src/failure.ts'
import { fakeOutput, jsonLines } from './support.ts'

test.each(Object.keys(ERRORS) as ErrorCode[])('%s ends with the exit status of its table', (code) => {
  const failure = failureOf(new ShoalError(code, 'what happened'))
  expect(failure).toMatchObject({
    code,
    exit: ERRORS[code].exit,
    message: 'what happened',
    hint: ERRORS[code].hint,
  })
})

test('an interrupted download is 130, anything unknown is 1', () => {
  expect(failureOf(new Interrupted())).toMatchObject({ code: 'ERR_INTERRUPTED', exit: 130 })
  expect(failureOf(new TypeError('boom'))).toMatchObject({ code: 'ERR_INTERNAL', exit: 1, message: 'boom' })
  expect(failureOf('boom')).toMatchObject({ code: 'ERR_INTERNAL', exit: 1, message: "'boom'" })
})

const failure = failureOf(
  new ShoalError('ERR_NO_PROVIDER', 'nobody who has "Holiday" is online', {
    cause: new Error('dial failed'),
  }),
)

test.each(['terminal', 'plain'] as const)('on a %s: what happened, what to do, code and exit', (mode) => {
  const output = fakeOutput(mode, { columns: 60 })
  printFailure(output, failure)
  expect(output.out.text).toBe('')
  expect(output.screen.text).toMatchSnapshot()
})

test('quiet: one line', () => {
  const output = fakeOutput('quiet')
  printFailure(output, failure)
  expect(output.screen.text).toBe('shoal: nobody who has "Holiday" is online (ERR_NO_PROVIDER, exit 3)')
})

test('json: one object on stdout and nothing on stderr', () => {
  const output = fakeOutput('json')
  printFailure(output, failure)
  const { code, message, hint } = failure
  expect(jsonLines(output.out.text)).toEqual([{ type: 'error', code, message, hint }])
  expect(output.screen.raw).toBe('')
})

test('verbose adds where it was and what caused it', () => {
  const plain = fakeOutput('plain', { isVerbose: true })
  printFailure(plain, failure)
  expect(plain.screen.text).toMatch(/^ShoalError: nobody.*\n +at .*failure\.test\.ts/m)
  expect(plain.screen.text).toContain('caused by: Error: dial failed')
  const json = fakeOutput('json', { isVerbose: true })
  printFailure(json, failure)
  expect(jsonLines(json.out.text)[0]?.['detail']).toContain('caused by: Error: dial failed')
})

test('control characters of a message do not reach the terminal', () => {
  for (const mode of ['terminal', 'plain', 'quiet'] as const) {
    const output = fakeOutput(mode, { isVerbose: true })
    printFailure(output, failureOf(new ShoalError('ERR_DISK', 'a\u001b[2Jb\u202ec')))
    expect(output.screen.raw).not.toContain('\u001b')
    expect(output.screen.raw).not.toContain('\u202e')
  }
})

test('a chain of causes that bites its tail ends', () => {
  const error = new Error('loop')
  error.cause = error
  expect(failureOf(error).detail.split('caused by: ').length).toBeLessThan(20)
})
