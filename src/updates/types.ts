/** The newest version of the bridge, which may be the one that runs. */
export interface UpdateView {
  /** Whether it is newer than what runs. */
  readonly available: boolean
  readonly latest_version: string
  /** Its notes. */
  readonly release_url: string
  /** The beginning of its notes; may be empty. */
  readonly release_summary: string
}
