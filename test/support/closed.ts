import type { EventEmitter } from 'node:events'

/** Resolves when it is closed, also when it was reset: `once` of node:events would fail then, and which it is, is chance. */
export function closed(socket: EventEmitter): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => undefined)
    socket.once('close', () => resolve())
  })
}
