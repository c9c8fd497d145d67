/** What every route tells by which something comes to be shared. */
export const SHARE_EVENTS = ['hashing', 'ready', 'served', 'receivers', 'warning'] as const
