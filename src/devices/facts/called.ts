/** Where the name of a device comes from, the strongest first: `default` is made of its model and serial. */
export const NAME_SOURCES = ['settings', 'given', 'account', 'default'] as const
export type NameSource = (typeof NAME_SOURCES)[number]

export interface Called {
  readonly name: string | null
  readonly source: NameSource
}

/** A device that nobody has named here. @param own what its account calls it; null when none does */
export const calledByItself = (own: string | null): Called => ({
  name: own,
  source: own === null ? 'default' : 'account',
})
