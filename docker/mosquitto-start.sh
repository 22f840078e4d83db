#!/bin/sh
# Makes the broker's password file from the environment, then starts the broker in its own place.
set -eu
umask 077
# mosquitto_passwd asks for the password twice. As an argument, everybody on the machine could read it.
printf '%s\n%s\n' "$MQTT_PASSWORD" "$MQTT_PASSWORD" | mosquitto_passwd -c /tmp/passwords "$MQTT_USERNAME" >/dev/null
exec mosquitto -c /mosquitto/config/mosquitto.conf
