/** How a connection to the broker ended. */
export interface Closed {
  /** Whether the broker had accepted the connection. */
  readonly opened: boolean
  /** What went wrong; undefined when the other side just closed. */
  readonly error: Error | undefined
  /** This showed how large a packet the broker takes. */
  readonly learned: boolean
}
