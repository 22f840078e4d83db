/** How a connection to the broker ended. */
export interface Closed {
  /** Whether the broker had accepted the connection. */
  readonly opened: boolean
  /** The error; undefined if the other side just closed. */
  readonly error: Error | undefined
  /** Whether this showed how large a packet the broker accepts. */
  readonly learned: boolean
}
