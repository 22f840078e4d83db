#!/bin/sh
# Makes the password file of the broker from the environment, then becomes the broker.
set -eu
umask 077
mosquitto_passwd -b -c /tmp/passwords "$MQTT_USERNAME" "$MQTT_PASSWORD"
exec mosquitto -c /mosquitto/config/mosquitto.conf
