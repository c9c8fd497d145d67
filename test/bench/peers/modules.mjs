// Loads packages from the folder PEERS_MODULES instead of this repository, which does not depend on them.
import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'

const parentURL = pathToFileURL(`${process.env.PEERS_MODULES}/`).href
registerHooks({
  resolve: (name, context, next) =>
    next(name, context.parentURL === import.meta.url ? { ...context, parentURL } : context),
})

/** The module of that name. */
export const load = (name) => import(name)
