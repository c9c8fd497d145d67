/** Words that more than one of the lines to people have. */
import { formatCount } from '../format.ts'

export const files = (count: number): string => formatCount(count, 'file', 'files')
export const devices = (count: number): string => formatCount(count, 'device', 'devices')
export const sources = (count: number): string => formatCount(count, 'source', 'sources')
export const visibility = (isPrivate: boolean): string => (isPrivate ? 'private link' : 'public')

/** Facts joined as `a, b`; empty ones are left out. */
export const joined = (...facts: readonly string[]): string => facts.filter((fact) => fact !== '').join(', ')
