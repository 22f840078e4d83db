/** Who has an encrypted file and none of the passphrase can try one after the other: short ones would be found. */
export const SHORTEST_PASSPHRASE = 12
export const LONGEST_PASSPHRASE = 1024
