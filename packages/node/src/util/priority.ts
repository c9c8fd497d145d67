/** What goes before what, where there is not enough for all. */
export type Priority = 'high' | 'normal' | 'low'
export const PRIORITIES = ['high', 'normal', 'low'] as const satisfies readonly Priority[]
