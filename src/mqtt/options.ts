/** The settings of MQTT, as the table of settings names them; null and undefined both mean not set. */

type Optional = string | null | undefined

export interface EmbeddedOptions {
  readonly host: string
  /** 0 takes any free one. */
  readonly port: number
  readonly username?: Optional
  readonly password?: Optional
}

export interface MqttOptions {
  /** Addresses to try in turn; none means the embedded broker. */
  readonly url: readonly string[]
  readonly username?: Optional
  readonly password?: Optional
  /** Paths of PEM files. */
  readonly ca?: Optional
  readonly cert?: Optional
  readonly key?: Optional
  /** Has to stay the same over restarts, or commands that wait at the broker are lost. */
  readonly client_id: string
  readonly base_topic: string
  readonly embedded: EmbeddedOptions
}
