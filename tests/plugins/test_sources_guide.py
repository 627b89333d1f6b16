"""The plugin of the guide on sources does what the guide says, through its door."""

import hashlib
import hmac
import json
import re
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.one_database
GUIDE = (Path(__file__).parents[2] / "docs/plugins/sources.md").read_text()


@pytest.fixture
def app(make_app):
    (example,) = re.findall(r"```python\n(.*?)```", GUIDE, re.S)
    plugin = ModuleType("exchange")
    exec(example, vars(plugin))
    return make_app([("exchange", plugin)])


def test_the_exchange_of_the_guide_brings_missed_calls(client, client_of, rows):
    told = {"name": "Exchange", "source": "", "settings-secret": "s3cr3t-s3cr3t-s3cr3t", "settings-missed": "y"}
    client.post("/settings/reception/new/exchange", data=told)
    address = f"/in/{rows('doors')[0]['token']}"
    calls = [{"from": "+33612345678", "id": "1", "missed": True}, {"from": "+33612345679", "id": "2"}]
    body = json.dumps({"calls": calls}).encode()
    print_ = hmac.new(b"s3cr3t-s3cr3t-s3cr3t", body, hashlib.sha256).hexdigest()

    stranger = client_of()
    asked = stranger.get(f"{address}?challenge=abc")
    good = stranger.post(address, data=body, headers={"X-Signature": print_})
    forged = stranger.post(address, data=body + b" ", headers={"X-Signature": print_})

    assert (asked.text, good.json, forged.status_code) == ("abc", {"ok": True}, 401)
    assert [lead["phone"] for lead in rows("leads")] == ["+33612345678"]
