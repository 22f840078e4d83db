"""Prints what the integrations that the checks use need besides Home Assistant itself, by their manifests."""

import json
import pathlib

from homeassistant import bootstrap, components

# The second line: what the onboarding adds by itself, and what MQTT looks for.
USED = {
    *("energy", "history", "isal", "logbook", "logger", "mqtt", "network", "recorder", "system_log", "template", "utility_meter"),
    *("google_translate", "hassio", "met", "radio_browser", "shopping_list"),
}

folder = pathlib.Path(components.__path__[0])
waiting = list(USED | bootstrap.CORE_INTEGRATIONS | bootstrap.DEFAULT_INTEGRATIONS)
seen, requirements = set(), set()
while waiting:
    domain = waiting.pop()
    manifest = folder / domain / "manifest.json"
    if domain in seen or not manifest.exists():
        continue
    seen.add(domain)
    described = json.loads(manifest.read_text())
    requirements.update(described.get("requirements", []))
    waiting.extend(described.get("dependencies", []))
print("\n".join(sorted(requirements)))
