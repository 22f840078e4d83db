/** Where a device's name comes from, the strongest source first. A `default` name is made of model and serial. */
export const NAME_SOURCES = ['settings', 'given', 'account', 'default'] as const
export type NameSource = (typeof NAME_SOURCES)[number]

export interface Called {
  readonly name: string | null
  readonly source: NameSource
}

/** The name of a device that nobody has named here. @param own what its account calls it; null when no account does */
export const calledByItself = (own: string | null): Called => ({
  name: own,
  source: own === null ? 'default' : 'account',
})
