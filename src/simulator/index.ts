/** Virtual thermostats and clouds, which use the real protocols and share no code with the bridge. */
export type { CloudAccount, CloudDevice } from './clouds/accounts.ts'
export { type BearerAccount, type BearerQuirks, VirtualBearer } from './clouds/bearer.ts'
export { type CloudOptions, type CloudRequest, VirtualCloud } from './clouds/index.ts'
export { type OmnitronAccount, type OmnitronQuirks, VirtualOmnitron } from './clouds/omnitron.ts'
export type { CloudFault, CloudQuirks, TargetedFault } from './clouds/quirks.ts'
export {
  type ServiceDevice,
  type ServiceFault,
  type ServiceFaultOn,
  type ServiceOptions,
  VirtualService,
} from './clouds/service.ts'
export { type TxtyAccount, type TxtyQuirks, VirtualTxty } from './clouds/txty.ts'
export type { Lock } from './device/index.ts'
export { type ThermostatOptions, VirtualThermostat } from './device/thermostat.ts'
export {
  type HouseDescription,
  type HouseOptions,
  type HouseRelay,
  type HouseThermostat,
  VirtualHouse,
} from './house.ts'
export type { BeaconTarget } from './network/beacons.ts'
export type { LoggedRequest } from './network/front.ts'
export { Impostor, type ImpostorOptions, type Trick } from './network/impostor.ts'
export type { NativeSettings } from './network/native.ts'
export { SLOPPY_SERVERS, type SloppyServer, sloppyBytes } from './network/sloppy.ts'
export type { InjectedReply, Quirks, TargetedReply } from './quirks.ts'
export { randomKey, randomSerial, randomToken, seededRandom } from './random.ts'
export { type RelayOptions, VirtualRelay } from './relays/index.ts'
export { hotp, totpStep } from './totp.ts'
export type { VirtualUnit } from './unit.ts'
