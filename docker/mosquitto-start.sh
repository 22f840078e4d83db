#!/bin/sh
# Makes the password file of the broker from the environment, then becomes the broker.
set -eu
umask 077
# It asks for the password twice. As an argument, everybody on the machine could read it.
printf '%s\n%s\n' "$MQTT_PASSWORD" "$MQTT_PASSWORD" | mosquitto_passwd -c /tmp/passwords "$MQTT_USERNAME" >/dev/null
exec mosquitto -c /mosquitto/config/mosquitto.conf
