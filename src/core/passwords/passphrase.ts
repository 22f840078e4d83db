/** Whoever has an encrypted file can try passphrases one after another, so short ones would be found. */
export const SHORTEST_PASSPHRASE = 12
export const LONGEST_PASSPHRASE = 1024
