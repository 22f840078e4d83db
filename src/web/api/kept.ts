/** What `Storage` does. */
export interface Keep {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

export interface Keeps {
  /** Of this tab alone, until it is closed. */
  readonly tab: Keep
  /** Of the browser on this device, for all tabs and until it is removed. */
  readonly device: Keep
}

const KEY = 'thermo2mqtt.refresh'
/** When it was issued, Unix ms. */
const KEY_AT = 'thermo2mqtt.refresh.at'

/** The refresh token between two loads of the page: in the tab, or on the device for those who stay signed in. */
export class Kept {
  readonly #keeps: Keeps

  constructor(keeps: Keeps) {
    this.#keeps = keeps
  }

  get refresh(): string | null {
    return this.#keep.getItem(KEY)
  }

  /** The id of the session, which the refresh token begins with; null when there is none. */
  get session(): string | null {
    return this.refresh?.split('.')[0] ?? null
  }

  get at(): number {
    return Number(this.#keep.getItem(KEY_AT) ?? 0)
  }

  get stays(): boolean {
    return this.#keep === this.#keeps.device
  }

  put(refresh: string, at: number, stays: boolean): void {
    const keep = stays ? this.#keeps.device : this.#keeps.tab
    keep.setItem(KEY, refresh)
    keep.setItem(KEY_AT, String(at))
    // Otherwise the tab would go on with what it had.
    if (stays) this.#remove(this.#keeps.tab)
  }

  forget(): void {
    this.#remove(this.#keep)
  }

  /** A session of the tab comes first: another tab may have signed in for the device meanwhile. */
  get #keep(): Keep {
    const { tab, device } = this.#keeps
    return tab.getItem(KEY) === null && device.getItem(KEY) !== null ? device : tab
  }

  #remove(keep: Keep): void {
    keep.removeItem(KEY)
    keep.removeItem(KEY_AT)
  }
}
