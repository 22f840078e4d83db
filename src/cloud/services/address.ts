import { BridgeError } from '../../core/errors.ts'
import { isLoopback } from '../../core/network/addresses.ts'

/**
 * The address of an account's cloud.
 * @param account id of the account, for messages.
 * @throws BridgeError `BAD_REQUEST` if it is not an http(s) address, contains credentials, or would send the password
 * unencrypted to another machine without `allowInsecure`.
 */
export function cloudAddress(account: string, url: string, allowInsecure: boolean): URL {
  const refuse = (why: string) => new BridgeError('BAD_REQUEST', `The url of the cloud account ${account} ${why}.`)
  const address = URL.parse(url)
  if (!address || !/^https?:$/.test(address.protocol)) throw refuse('is not an https:// address')
  if (address.username || address.password) {
    throw refuse('contains a user name or password; put them in username and password')
  }
  if (address.protocol === 'http:' && !isLoopback(address.hostname) && !allowInsecure) {
    throw refuse(`would send the password unencrypted to ${address.host}: use https://, or set allow_insecure`)
  }
  return address
}
