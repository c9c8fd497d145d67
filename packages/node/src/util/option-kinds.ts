/** Of which kind each option is. A misspelt option is refused instead of ignored, and so is one of another kind. */
import { ShoalError } from '../errors.ts'
import { PRIORITIES } from './priority.ts'

/** The longest time that a timer can wait, in milliseconds. */
const MAX_TIMER_MS = 2_147_483_647

const KINDS = {
  text: { is: isText, called: 'text' },
  texts: { is: (value: unknown) => Array.isArray(value) && value.every(isText), called: 'a list of texts' },
  flag: { is: (value: unknown) => typeof value === 'boolean', called: 'true or false' },
  number: { is: (value: unknown) => typeof value === 'number', called: 'a number' },
  milliseconds: {
    is: (value: unknown) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_TIMER_MS,
    called: `a whole number of milliseconds from 0 to ${MAX_TIMER_MS}`,
  },
  rate: {
    is: (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0,
    called: 'a whole number of bytes per second, 0 for no limit',
  },
  size: {
    is: (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0,
    called: 'a whole number of bytes, 0 for no limit',
  },
  bytes: { is: (value: unknown) => value instanceof Uint8Array, called: 'bytes' },
  callback: { is: (value: unknown) => typeof value === 'function', called: 'a function' },
  priority: {
    is: (value: unknown) => typeof value === 'function' || PRIORITIES.some((name) => name === value),
    called: `one of ${PRIORITIES.join(', ')}, or a function that gives one`,
  },
  signal: { is: (value: unknown) => value instanceof AbortSignal, called: 'an AbortSignal' },
  object: { is: (value: unknown) => typeof value === 'object' && value !== null, called: 'an object' },
} as const satisfies Record<string, { is: (value: unknown) => boolean; called: string }>

export type OptionKind = keyof typeof KINDS

/** Names every option of an interface, so that one which is added cannot be forgotten. */
export type OptionKinds<T> = { readonly [Name in keyof Required<T>]: OptionKind }

/** @throws ShoalError ERR_OPTIONS_INVALID; an option that is undefined counts as not given */
export function checkOptions<T extends object>(options: T, kinds: OptionKinds<T>): void {
  if (!KINDS.object.is(options)) throw invalid('the options are an object')
  const unknown = Object.keys(options).filter((name) => !Object.hasOwn(kinds, name))
  if (unknown.length > 0) throw invalid(`unknown option ${unknown.join(', ')}`)
  for (const name of Object.keys(kinds) as (keyof T & string)[]) {
    if (options[name] !== undefined) checkKind(name, options[name], kinds[name])
  }
}

/** @throws ShoalError ERR_OPTIONS_INVALID */
export function checkKind(name: string, value: unknown, kind: OptionKind): void {
  const { is, called } = KINDS[kind]
  if (!is(value)) throw invalid(`${name} is ${called}`)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function invalid(message: string): ShoalError {
  return new ShoalError('ERR_OPTIONS_INVALID', message)
}
