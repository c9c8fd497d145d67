/** What the help says alike of several commands of `shoal space`. */

export const SPACE = ['SPACE', 'its name, its id, or the first 4 characters or more of that'] as const
export const PATHS = ['PATH', 'a path in the space; of a folder: all that is in it'] as const

/** Of commands that only say that it was done. */
export const CHANGED = [['elsewhere', 'nothing; --json tells how it is now']] as const

/** Of commands that can be undone. */
export const UNDOABLE = [
  ['elsewhere', 'the ids of what was changed, one a line, for shoal space undo; none if nothing had to be'],
] as const

export const EXITS = {
  usage: [2, 'wrong usage; there is no such space, or several are meant; another command runs Shoal'],
  member: [3, 'no member, or more than one, has that id'],
  nothing: [3, 'nothing in the space has that path'],
  home: [5, 'the home cannot be read or written'],
  unsafe: [7, 'unsafe name, or over a limit'],
  role: [8, 'this device may not do that in the space'],
  stopped: [130, 'stopped with Ctrl-C'],
} as const
