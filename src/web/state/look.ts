/** Light, dark, or the same as the system: kept in the browser. */
import { type Signal, signal } from '@preact/signals'

export const THEMES = ['auto', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const KEY = 'thermo2mqtt.theme'

export class Look {
  readonly theme: Signal<Theme>

  constructor(
    keep: { getItem(key: string): string | null; setItem(key: string, value: string): void },
    root: { readonly dataset: Record<string, string | undefined> },
  ) {
    const saved = keep.getItem(KEY)
    this.theme = signal<Theme>(THEMES.find((theme) => theme === saved) ?? 'auto')
    this.theme.subscribe((theme) => {
      root.dataset.theme = theme
      keep.setItem(KEY, theme)
    })
  }
}
