/** Shapes that answers of the control API are made of. */
import { z } from 'zod'
import { ERRORS, type ErrorCode } from '../errors.ts'

export const count = z.int().min(0)
export const text = z.string()
export const texts = z.array(text).readonly()
export const found = z.enum(['link', 'peer', 'seen', 'lan', 'dht', 'exchange', 'self'])

const codes = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]
export const error = z.strictObject({ code: z.enum(codes), message: text, hint: text })
