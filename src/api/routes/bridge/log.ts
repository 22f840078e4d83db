/** The last lines of the log, and how much is recorded in it for a while. */
import type { SecretValues } from '../../../core/logging/secrets.ts'
import type { App } from '../../app.ts'
import { LOG_LINES } from '../../schemas/bridge/log.ts'
import type { ApiSchemas } from '../../schemas/index.ts'
import type { Housekeeping, Log } from '../../views/housekeeping.ts'
import { matchingLines } from '../../views/log.ts'

interface LogParts {
  readonly housekeeping: Pick<Housekeeping, 'log'>
  readonly secrets: SecretValues
}

export function logRoutes(app: App, { housekeeping: { log }, secrets }: LogParts, { log: schemas }: ApiSchemas): void {
  app.get(
    '/api/v1/log/lines',
    {
      schema: {
        operationId: 'logLines',
        summary: 'The last lines of the log of the bridge',
        description:
          'The bridge keeps them in memory: up to 1000, and up to 100 older ones of level warn and above. To follow the log, ask again with the `last` of the answer as `after`.',
        tags: ['system'],
        querystring: schemas.query,
        response: { 200: schemas.answer },
      },
      config: { scope: 'admin', unlogged: true, errors: ['BAD_REQUEST'] },
    },
    async ({ query: { level = 'trace', search = '', after = '0', limit = String(LOG_LINES) } }) => {
      const { id, last } = log.lines
      // What has become known as a secret since a line was written is masked here.
      const kept = log.lines.after(Number(after)).map(({ seq, text }) => ({ seq, text: secrets.scrub(text) }))
      const found = matchingLines(kept, { level, search, limit: Number(limit) })
      return { log: id, last, ...found, recording: recordingJson(log) }
    },
  )

  app.put(
    '/api/v1/log/recording',
    {
      schema: {
        operationId: 'recordLog',
        summary: 'Record more or less in the log for a while, without a restart',
        tags: ['system'],
        body: schemas.record,
        response: { 200: schemas.recording },
      },
      config: { scope: 'admin', audit: 'body', errors: ['BAD_REQUEST'] },
    },
    async ({ body: { level, minutes } }) => {
      log.detail.record(level, minutes)
      return recordingJson(log)
    },
  )

  app.delete(
    '/api/v1/log/recording',
    {
      schema: {
        operationId: 'recordLogAsUsual',
        summary: 'Record what the settings say again',
        tags: ['system'],
        response: { 200: schemas.recording },
      },
      config: { scope: 'admin' },
    },
    async () => {
      log.detail.stop()
      return recordingJson(log)
    },
  )
}

function recordingJson({ detail }: Log) {
  const { level, usual, until } = detail.recording
  return { level, usual, until: until === null ? null : new Date(until).toISOString() }
}
