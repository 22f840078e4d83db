/** What is unusual about a device, found by watching it for a while; the guardian finds it. */

export const FINDING_KINDS = [
  'not_warming',
  'warms_unheated',
  'sensor_frozen',
  'sensor_jumps',
  'too_warm',
  'heating_long',
  'comes_and_goes',
  'clock_wrong',
  'energy_high',
] as const
export type FindingKind = (typeof FINDING_KINDS)[number]

/** The numbers behind a finding, rounded for people; they fill the gaps of its sentence in every language. */
export type Evidence = Readonly<Record<string, number>>

/** A type and not an interface, so that it is a JSON value as it stands. */
export type Finding = {
  readonly kind: FindingKind
  /** ISO time at which it was found. */
  readonly since: string
  /** The evidence in a sentence. */
  readonly message: string
  readonly evidence: Evidence
}
