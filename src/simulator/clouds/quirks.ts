/** An undocumented answer of the cloud. */
export type CloudFault =
  /** The connection is cut before any answer. */
  | 'cut'
  /** There is no answer. */
  | 'no-answer'
  | 'bad-json'
  /** JSON, but not what the document says. */
  | 'wrong-shape'
  | 'empty'
  /** 502 with a page of the proxy in front. */
  | 'bad-gateway'
  /** A plain status with a JSON `detail`; 429 says when to come back if `retryAfter` is given (seconds or a date). */
  | { readonly status: number; readonly retryAfter?: string }

/** A fault that waits for a matching request. */
export interface TargetedFault {
  readonly on: 'login' | 'devices' | 'device'
  readonly fault: CloudFault
}

/** How a cloud misbehaves. All of it can be changed at any time. */
export interface CloudQuirks {
  /** ms that every answer takes. */
  slow: number
  /** Applies to every matching request until removed. */
  fault: CloudFault | TargetedFault | undefined
  /** Used up one by one, each by the first matching request. */
  faults: (CloudFault | TargetedFault)[]
  /** Status of the answer to wrong credentials. */
  wrongCredentials: 400 | 401 | 403
  /** After so many failed logins in a row the account is locked, right password or not; 0 = never. */
  lockAfter: number
  /** The login answer lacks the token. */
  omitToken: boolean
  /** The last page points back to the first. */
  nextLoop: boolean
  /** `next` points to this origin instead of the cloud's own. */
  nextOrigin: string | undefined
}

export const NO_CLOUD_QUIRKS: CloudQuirks = {
  slow: 0,
  fault: undefined,
  faults: [],
  wrongCredentials: 400,
  lockAfter: 0,
  omitToken: false,
  nextLoop: false,
  nextOrigin: undefined,
}

export type CloudRoute = TargetedFault['on']

function fitting(entry: CloudFault | TargetedFault, route: CloudRoute | undefined): CloudFault | undefined {
  if (typeof entry === 'string' || !('on' in entry)) return entry
  return entry.on === route ? entry.fault : undefined
}

/** The fault for a request; removes it from the list if it came from there. */
export function takeFault(quirks: CloudQuirks, route: CloudRoute | undefined): CloudFault | undefined {
  for (const [index, entry] of quirks.faults.entries()) {
    const fault = fitting(entry, route)
    if (fault !== undefined) {
      quirks.faults.splice(index, 1)
      return fault
    }
  }
  return quirks.fault === undefined ? undefined : fitting(quirks.fault, route)
}
