import type { Clock } from '../../core/clock.ts'
import type { App } from '../app.ts'

/** Milliseconds from the head of a request to the end of its body; a file may take as long as a whole request. */
const BODY_MS = 15_000

/** Ends requests with very slow bodies, so that they do not hold connections for long. */
export function limitBodies(app: App, clock: Clock): void {
  app.addHook('preParsing', (request, _reply, payload, done) => {
    const { headers, raw, routeOptions } = request
    const comes = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
    if (comes && !raw.complete && !routeOptions.config.upload) {
      const timer = clock.timer(BODY_MS, () => {
        if (!raw.complete) raw.destroy()
      })
      raw.once('end', () => timer.cancel())
      raw.once('close', () => timer.cancel())
    }
    done(null, payload)
  })
}
