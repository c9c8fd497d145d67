/**
 * Holds docs/openapi.json to the routes of the control API, their schemas and the docstrings of events: fails when the document
 * differs; `--write` writes it. OpenAPI 3.1: https://spec.openapis.org/oas/v3.1.1.html
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { ANSWER_SCHEMAS, EVENT_SCHEMAS, LOGGED_SCHEMAS } from '../packages/node/src/control/answer-schemas.ts'
import {
  AS_OF_HEADER,
  CONTENT_HEADER,
  END_TRAILER,
  KEY_HEADER,
  LAST_EVENT_HEADER,
} from '../packages/node/src/control/headers.ts'
import { jsonSchema } from '../packages/node/src/control/json-schema.ts'
import { OPERATION_HEADER } from '../packages/node/src/control/operations.ts'
import type { EventType, Route } from '../packages/node/src/control/route.ts'
import { ROUTES } from '../packages/node/src/control/routes.ts'
import { ROOT, exportsOf } from './public-api.ts'

const DOCUMENT = join(ROOT, 'docs/openapi.json')

type Json = Record<string, unknown>
type Schema = Parameters<typeof jsonSchema>[0]

const events = Object.keys(EVENT_SCHEMAS) as EventType[]

/** Docstrings of the events and their fields, by the name of the interface. */
const docs = new Map(exportsOf(['events.ts']).map((declaration) => [declaration.name, declaration] as const))

/** Interfaces are named for the type of the event, but for these. */
const NAMES: Partial<Record<EventType, string>> = {
  share: 'SharedEvent',
  end: 'ReadEndEvent',
  fetch: 'FetchStateEvent',
}

function interfaceOf(type: EventType): string {
  return NAMES[type] ?? `${type[0]?.toUpperCase()}${type.slice(1)}Event`
}

/** The schema of an event, with what its docstrings say. */
function eventSchema(type: EventType): Json {
  const schema = jsonSchema(EVENT_SCHEMAS[type])
  const declaration = docs.get(interfaceOf(type))
  if (declaration === undefined) throw new Error(`there is no ${interfaceOf(type)} in events.ts`)
  const properties = schema['properties'] as Record<string, Json>
  for (const { name, docs: described } of declaration.members) {
    const property = properties[name]
    if (property !== undefined && described.text !== '') property['description'] = described.text
  }
  if (type === 'change') {
    const { description } = properties['event'] as Json
    properties['event'] = { description, oneOf: LOGGED_SCHEMAS.map((logged) => answerSchema(logged)) }
  }
  return { description: declaration.docs.text, ...schema }
}

/** Another name for an event where it is one. */
function answerSchema(schema: Schema): Json {
  const event = events.find((type) => EVENT_SCHEMAS[type] === schema)
  return event === undefined ? jsonSchema(schema) : ref(interfaceOf(event))
}

function ref(name: string): Json {
  return { $ref: `#/components/schemas/${name}` }
}

function operationOf(route: Route): Json {
  const { summary, params, query } = route
  const operation = route.answer === 'json' ? [] : [{ $ref: '#/components/parameters/Operation' }]
  const key = route.takesKey === true ? [{ $ref: '#/components/parameters/Key' }] : []
  const last = route.takesLastEventId === true ? [{ $ref: '#/components/parameters/LastEvent' }] : []
  const parameters = [
    ...parametersOf('path', params),
    ...parametersOf('query', query),
    ...operation,
    ...key,
    ...last,
  ]
  const content = bodyOf(route)
  return {
    summary,
    ...(route.forPage === true ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(content === undefined ? {} : { requestBody: { required: true, content } }),
    responses: {
      '200': { ...answerOf(route), ...headersOf(route) },
      default: { $ref: '#/components/responses/Error' },
    },
  }
}

function headersOf(route: Route): Json {
  const content =
    route.answer === 'content' ? { [CONTENT_HEADER]: { $ref: '#/components/headers/Content' } } : {}
  const asOf = route.method === 'GET' ? { [AS_OF_HEADER]: { $ref: '#/components/headers/AsOf' } } : {}
  const headers = { ...content, ...asOf }
  return Object.keys(headers).length === 0 ? {} : { headers }
}

function bodyOf({ body, takesContent }: Route): Json | undefined {
  if (body !== undefined) return { 'application/json': { schema: jsonSchema(body) } }
  return takesContent === undefined ? undefined : { 'application/octet-stream': {} }
}

function parametersOf(where: 'path' | 'query', schema: Schema | undefined): Json[] {
  if (schema === undefined) return []
  const { properties, required = [] } = jsonSchema(schema) as {
    properties: Record<string, Json>
    required?: readonly string[]
  }
  return Object.entries(properties).map(([name, json]) => ({
    name,
    in: where,
    required: required.includes(name),
    schema: json,
  }))
}

function answerOf(route: Route): Json {
  switch (route.answer) {
    case 'json':
      return { description: 'Done.', content: { 'application/json': { schema: ref(route.gives) } } }
    case 'text':
      return { description: 'Done.', content: { [route.type]: { schema: { type: 'string' } } } }
    case 'events': {
      const oneOf = [...route.tells, 'error' as const].map((type) => ref(interfaceOf(type)))
      return {
        description: 'One event a line, as long as the operation lasts; an error is the last.',
        content: { 'application/x-ndjson': { schema: { oneOf } } },
      }
    }
    case 'content':
      return {
        description: `Bytes, verified. Whole only if the trailer ${END_TRAILER} says so: an end or an error as JSON.`,
        content: { 'application/octet-stream': {} },
      }
  }
}

const paths: Record<string, Json> = {}
for (const route of ROUTES) {
  const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
  paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) }
}

const document = {
  openapi: '3.1.1',
  info: {
    title: 'Control API of a Shoal node',
    version: '1',
    license: { name: 'MIT', identifier: 'MIT' },
    description:
      'Served on the socket of the home, with Host: localhost, and where that is turned on at 127.0.0.1. Every request shows the token of the home, which is another at each start, but for that of a page which logs in: it shows its origin.',
  },
  servers: [
    {
      url: 'http://127.0.0.1:{port}',
      variables: { port: { default: '80', description: 'As the api of the status says.' } },
    },
  ],
  security: [{ token: [] }],
  paths,
  components: {
    securitySchemes: {
      token: { type: 'http', scheme: 'bearer', description: 'What the file named token in the home holds.' },
    },
    parameters: {
      Operation: {
        name: OPERATION_HEADER,
        in: 'header',
        required: false,
        description: 'A UUID of the making of the client, by which it can ask the operation to end.',
        schema: { type: 'string', format: 'uuid' },
      },
      Key: {
        name: KEY_HEADER,
        in: 'header',
        required: false,
        description: 'A UUID of the making of the client: the same request with the same key is taken once.',
        schema: { type: 'string', format: 'uuid' },
      },
      LastEvent: {
        name: LAST_EVENT_HEADER,
        in: 'header',
        required: false,
        description:
          'The id of the last event that is known, or at which the answers that are known are true.',
        schema: { type: 'string' },
      },
    },
    headers: {
      Content: { description: 'A content event as JSON.', schema: { type: 'string' } },
      AsOf: {
        description: 'The id of an event of the log: what later ones tell may be in the answer, or not yet.',
        schema: { type: 'string' },
      },
    },
    responses: {
      Error: {
        description: 'It was refused, or failed before it began to answer.',
        content: { 'application/json': { schema: ref('error') } },
      },
    },
    schemas: {
      ...Object.fromEntries(events.map((type) => [interfaceOf(type), eventSchema(type)])),
      ...Object.fromEntries(
        Object.entries(ANSWER_SCHEMAS).map(([name, schema]) => [name, answerSchema(schema)]),
      ),
    },
  },
}

const text = `${JSON.stringify(document, null, 2)}\n`
if (process.argv.includes('--write')) writeFileSync(DOCUMENT, text)
const isCurrent = readFileSync(DOCUMENT, 'utf8') === text
process.stdout.write(`${ROUTES.length} routes, ${isCurrent ? 0 : 1} faults\n`)
if (!isCurrent) {
  process.stderr.write('docs/openapi.json is out of date: npm run docs:api\n')
  process.exitCode = 1
}
