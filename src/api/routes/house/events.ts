import type { App } from '../../app.ts'
import { STATE } from '../../example-values.ts'
import type { EventStreams } from '../../views/event-streams.ts'

const DESCRIPTION = `A stream of server-sent events. First one \`device\` event for each device, then \`house\` and \`ready\`, then what changes:

- \`device\`: a device as in \`GET /api/v1/devices/{id}\`; new, or its name, room, model or address changed
- \`house\`: the mode of the house and its rooms, as in \`GET /api/v1/house\` without \`devices\`
- \`state\`: \`{serial, state}\`
- \`schedule\`: \`{serial, schedule}\`, when the weekly schedules differ from before
- \`availability\`: \`{serial, online, health}\`
- \`event\`: \`{type, message, serial?, account?, details?}\`, reported once; also each command and change at a device, which MQTT has no event for (\`command\`, \`changed_at_device\`)
- \`removed\`: \`{serial}\`

A comment comes every 25 s. A reader that does not keep up is disconnected. There are at most
20 streams for each user or API token, and 100 in all.`

const EXAMPLE = `event: ready\ndata: {}\n\nevent: state\ndata: ${JSON.stringify({ serial: '404CCAAAD4E8A89860609800000149', state: STATE })}\n\n`

export function eventRoutes(app: App, streams: EventStreams): void {
  app.get(
    '/api/v1/events',
    {
      exposeHeadRoute: false,
      schema: {
        operationId: 'events',
        summary: 'Everything as it happens, as server-sent events',
        description: DESCRIPTION,
        tags: ['events'],
        response: {
          200: {
            description: 'The stream.',
            content: { 'text/event-stream': { schema: { type: 'string' }, example: EXAMPLE } },
          },
        },
      },
      config: { scope: 'read' },
    },
    ({ identity }, reply) => {
      // The connection is closed: a refused client must not hold one that somebody else needs.
      reply.header('connection', 'close')
      streams.admit(identity)
      reply.hijack()
      reply.raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // Otherwise nginx would buffer the events.
        'x-accel-buffering': 'no',
      })
      streams.add(reply.raw, identity)
    },
  )
}
