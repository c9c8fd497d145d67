/** What every route tells that fetches for as long as its request lives. */
export const FETCH_EVENTS = [
  'asking',
  'waiting',
  'plan',
  'progress',
  'files',
  'done',
  'served',
  'receivers',
  'warning',
] as const
