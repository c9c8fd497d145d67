/** Every route of the control API. */
import type { Route } from './route.ts'
import { BROWSER_ROUTES } from './routes/browser-routes.ts'
import { FETCH_ROUTES } from './routes/fetch-routes.ts'
import { NODE_ROUTES } from './routes/node-routes.ts'
import { OPERATION_ROUTES } from './routes/operation-routes.ts'
import { SHARE_ROUTES } from './routes/share-routes.ts'
import { SPACE_CHANGE_ROUTES } from './routes/space-change-routes.ts'
import { SPACE_JOIN_ROUTES } from './routes/space-join-routes.ts'
import { SPACE_PEOPLE_ROUTES } from './routes/space-people-routes.ts'
import { SPACE_ROUTES } from './routes/space-routes.ts'
import { UPLOAD_ROUTES } from './routes/upload-routes.ts'

export const ROUTES: readonly Route[] = [
  ...NODE_ROUTES,
  ...SHARE_ROUTES,
  ...UPLOAD_ROUTES,
  ...FETCH_ROUTES,
  ...OPERATION_ROUTES,
  ...SPACE_ROUTES,
  ...SPACE_CHANGE_ROUTES,
  ...SPACE_PEOPLE_ROUTES,
  ...SPACE_JOIN_ROUTES,
  ...BROWSER_ROUTES,
]
