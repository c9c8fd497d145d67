/** Routes for a browser: addresses of the content port, and the login of a page. */
import { z } from 'zod'
import { MAX_LOGIN_BODY_BYTES } from '../login/limits.ts'
import { json, type Route } from '../route.ts'
import { contentRequest, loginCodeRequest, loginRequest } from '../schemas.ts'

export const BROWSER_ROUTES: readonly Route[] = [
  json({
    method: 'POST',
    path: '/v1/content',
    summary:
      'Makes an address for the files of what a link names, which is good for a while (docs/content.md).',
    body: contentRequest,
    gives: 'address',
    work: ({ browser, body }) => browser.content.open(body),
  }),
  json({
    method: 'DELETE',
    path: '/v1/content/:id',
    summary: 'Takes such an address back, and ends what is read by it.',
    params: z.strictObject({ id: z.string().max(64) }),
    gives: 'revoked',
    work: ({ browser, params }) => ({ revoked: browser.content.close(params.id) }),
  }),
  json({
    method: 'POST',
    path: '/v1/login/codes',
    summary: 'Makes a code by which a page of this node logs in, once and within half a minute.',
    body: loginCodeRequest,
    gives: 'code',
    work: ({ browser, body }) => browser.login.makeCode(body),
  }),
  json({
    method: 'POST',
    path: '/v1/login',
    summary: 'Gives a page of this node the token, for a code. It asks for no token, but for the own origin.',
    body: loginRequest,
    bodyLimit: MAX_LOGIN_BODY_BYTES,
    forPage: true,
    gives: 'token',
    work: async ({ browser, body }) => ({ token: await browser.login.redeem(body.code) }),
  }),
]
