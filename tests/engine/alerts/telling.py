"""A process that tells of a database's alerts once: for tests that kill it meanwhile."""

import sys
from dataclasses import replace

from engine.adapters.channels import AddressedChannel
from engine.jobs.decide_alerts import decide_alerts
from engine.jobs.deliver_alerts import deliver_alerts
from models.database import Database
from tests.dashboard import desks

url, address = sys.argv[1:]
channel = AddressedChannel("hook", address)
desk = replace(desks.desk_on(Database(url)), channels=(channel,))
decide_alerts(desk)
deliver_alerts(desk, channel)
