/** Ids of the Homie convention: lower case letters, digits and hyphens ("Topic IDs"). */

/** The id of the bridge, from its base topic, so that two bridges on one broker stay separate. */
export function bridgeId(baseTopic: string): string {
  return baseTopic.toLowerCase().replace(/[^a-z0-9]/g, '-')
}

/** A key of the state as an id. */
export function keyId(key: string): string {
  return key.replaceAll('_', '-')
}
