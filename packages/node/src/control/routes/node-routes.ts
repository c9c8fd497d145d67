/** Routes of the node itself: how it stands, its settings, its end. */
import { ShoalError } from '../../errors.ts'
import { configRequest } from '../config/schema.ts'
import { METRICS_TYPE } from '../observe/exposition.ts'
import { events, json, text, type Route } from '../route.ts'

export const NODE_ROUTES: readonly Route[] = [
  json({
    method: 'GET',
    path: '/v1/status',
    summary: 'What the node is and knows at this moment.',
    gives: 'status',
    work: ({ target }) => target.status(),
  }),
  json({
    method: 'GET',
    path: '/v1/peers',
    summary: 'Who is connected at this moment.',
    gives: 'peers',
    work: ({ target }) => target.peers(),
  }),
  text({
    method: 'GET',
    path: '/v1/metrics',
    summary: 'Numbers for a monitoring system, in the format of Prometheus, as docs/metrics.md says.',
    type: METRICS_TYPE,
    work: ({ target }) => target.metrics(),
  }),
  events({
    method: 'GET',
    path: '/v1/doctor',
    summary: 'Looks at what commonly keeps Shoal from working, as docs/doctor.md says, and changes nothing.',
    tells: ['finding'],
    work: ({ target }, write, signal) => target.doctor(write, signal),
  }),
  events({
    method: 'GET',
    path: '/v1/events',
    summary:
      'Tells what changes, from the event on that Last-Event-ID names, for as long as the request lives. Without it, or where events are lost, a gap comes first.',
    takesLastEventId: true,
    tells: ['change', 'gap'],
    work: async ({ target, lastEventId }, write, signal) => {
      for await (const event of target.changes.after(lastEventId, signal)) await write(event)
    },
  }),
  json({
    method: 'POST',
    path: '/v1/stop',
    summary: 'Ends a node in the background; refused where the node is part of another program.',
    gives: 'stopping',
    work: ({ target: { end }, onSent }) => {
      if (end === undefined) {
        throw new ShoalError(
          'ERR_NOT_DAEMON',
          'the Shoal that runs here is part of another command or program',
        )
      }
      // Who asked is told before the socket goes.
      onSent(end)
      return { stopping: true }
    },
  }),
  json({
    method: 'GET',
    path: '/v1/config',
    summary: 'All settings of the home.',
    gives: 'config',
    work: ({ target }) => target.config.read(),
  }),
  json({
    method: 'PATCH',
    path: '/v1/config',
    summary: 'Changes some settings, null takes one back; answers with those.',
    body: configRequest,
    gives: 'config',
    work: ({ target, body }) => target.config.change(body),
  }),
]
