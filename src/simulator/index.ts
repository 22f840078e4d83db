/** Virtual thermostats and clouds, which speak the wire and share nothing with the bridge. */
export type { CloudAccount, CloudDevice } from './accounts.ts'
export type { BeaconTarget } from './beacons.ts'
export { type BearerAccount, type BearerQuirks, VirtualBearer } from './bearer.ts'
export { type CloudOptions, type CloudRequest, VirtualCloud } from './cloud.ts'
export type { CloudFault, CloudQuirks, TargetedFault } from './cloud-quirks.ts'
export type { Lock } from './device.ts'
export type { LoggedRequest } from './front.ts'
export {
  type HouseDescription,
  type HouseOptions,
  type HouseRelay,
  type HouseThermostat,
  VirtualHouse,
} from './house.ts'
export { Impostor, type ImpostorOptions, type Trick } from './impostor.ts'
export type { NativeSettings } from './native.ts'
export { type OmnitronAccount, type OmnitronQuirks, VirtualOmnitron } from './omnitron.ts'
export type { InjectedReply, Quirks, TargetedReply } from './quirks.ts'
export { randomKey, randomSerial, randomToken, seededRandom } from './random.ts'
export { type RelayOptions, VirtualRelay } from './relay.ts'
export {
  type ServiceDevice,
  type ServiceFault,
  type ServiceFaultOn,
  type ServiceOptions,
  VirtualService,
} from './service.ts'
export { SLOPPY_SERVERS, type SloppyServer, sloppyBytes } from './sloppy.ts'
export { type ThermostatOptions, VirtualThermostat } from './thermostat.ts'
export { hotp, totpStep } from './totp.ts'
export { type TxtyAccount, type TxtyQuirks, VirtualTxty } from './txty.ts'
export type { VirtualUnit } from './unit.ts'
