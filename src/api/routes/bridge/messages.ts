import type { App } from '../../app.ts'
import type { ApiSchemas } from '../../schemas/index.ts'
import type { MessageTests } from '../../types.ts'

/**
 * A test of the ways on which the bridge sends messages. Each sends something to the internet, so not many a minute. API tokens
 * may ask for it, unlike for the test of a broker: it goes only to addresses that are set, and a token that may set them would
 * learn from failing messages whether a port answers.
 */
export function messageRoutes(app: App, messages: MessageTests, { messageTests }: ApiSchemas): void {
  app.post(
    '/api/v1/messages/test',
    {
      schema: {
        operationId: 'testMessages',
        summary: 'Send a test message on every way that is set up',
        tags: ['system'],
        response: { 200: messageTests },
      },
      config: { scope: 'admin', errors: ['BAD_REQUEST'], rateLimit: { max: 5, timeWindow: 60_000 } },
    },
    async () => ({ results: [...(await messages.test())] }),
  )
}
