/** Virtual thermostats and clouds, which use the real protocols and share no code with the bridge. */
export type { CloudDevice } from './clouds/accounts.ts'
export { type BearerAccount, type BearerQuirks, VirtualBearer } from './clouds/bearer.ts'
export { type CloudOptions, VirtualCloud } from './clouds/index.ts'
export { type OmnitronAccount, type OmnitronQuirks, VirtualOmnitron } from './clouds/omnitron.ts'
export {
  type ServiceFault,
  VirtualService,
} from './clouds/service.ts'
export { type TxtyAccount, type TxtyQuirks, VirtualTxty } from './clouds/txty.ts'
export { type ThermostatOptions, VirtualThermostat } from './device/thermostat.ts'
export {
  type HouseDescription,
  type HouseOptions,
  type HouseThermostat,
  VirtualHouse,
} from './house.ts'
export { Impostor, type Trick } from './network/impostor.ts'
export { SLOPPY_SERVERS, sloppyBytes } from './network/sloppy.ts'
export type { InjectedReply, Quirks } from './quirks.ts'
export { randomKey, randomSerial, seededRandom } from './random.ts'
export { type RelayOptions, VirtualRelay } from './relays/index.ts'
export { hotp, totpStep } from './totp.ts'
export type { VirtualUnit } from './unit.ts'
