/** What people on a terminal are told while a device joins a space. A test holds all files here to the word list. */
import type { SpaceRole } from '@shoal/node/control'
import { ROLE_WORDS } from './spaces.ts'

const called = (name: string): string => (name === '' ? 'the space' : name)
const asking = (name: string): string => (name === '' ? 'A device without a name' : `"${name}"`)

export const JOINING = {
  searching: (space: string) => `Looking for the device that invited into ${called(space)}`,
  code: (code: string) => `Code: ${code}`,
  compare: (space: string) =>
    `Whoever manages ${called(space)} sees a code too, with shoal space approve, and lets this device in if it is the same. If it is another one, somebody stands between: then it must be refused. Waiting; Ctrl-C gives up.`,
  joined: (space: string, ref: string) =>
    `This device is in ${space} now. To see what is in it: shoal space ls ${ref}`,
  wasIn: (space: string, ref: string) =>
    `This device is in ${space} already. To see what is in it: shoal space ls ${ref}`,
  nobody: (ref: string) => `No device asks to be let in. To invite one: shoal space invite ${ref}`,
  howToDecide: (ref: string, id: string) =>
    `To let in whose code is the same there: shoal space approve ${ref} ${id}, and to refuse: --refuse after that`,
  question: (name: string, code: string) =>
    `Does ${name === '' ? 'the other device' : `"${name}"`} show ${code}? y lets it in, n refuses it, any other key leaves it waiting.`,
  approved: (name: string, space: string, role: SpaceRole) =>
    `${asking(name)} is let into ${space} as ${ROLE_WORDS[role]}.`,
  refused: (name: string, space: string) => `${asking(name)} is not let into ${space}, and is told so.`,
  suspect: (ref: string, id: string) =>
    `Three devices or more that asked by one invitation were not let in: its link may be in wrong hands. To end it: shoal space revoke ${ref} ${id}`,
} as const
