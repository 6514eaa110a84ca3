"""What every act of the sandbox works on: store, clock, behaviour, and who is asking."""

import threading
from dataclasses import dataclass, field
from pathlib import Path

from payments.sandbox.behaviour import Behaviour
from payments.sandbox.clock import Clock
from payments.sandbox.delivery_faults import DeliveryFaults
from payments.sandbox.faults import Faults
from payments.sandbox.recording import Recorder
from payments.sandbox.store import Store


@dataclass(slots=True)
class Caller:
    """The API request that causes an event; both are None on the hosted page and in jobs."""

    request_id: str | None = None
    idempotency_key: str | None = None


@dataclass(slots=True)
class World:
    store: Store
    clock: Clock
    behaviour: Behaviour
    key: str
    public_url: str
    recorder: Recorder | None = None
    faults: Faults = field(default_factory=Faults)
    delivery_faults: DeliveryFaults = field(default_factory=DeliveryFaults)
    caller: Caller = field(default_factory=Caller)
    holding: bool = False  # new deliveries wait until they are released by hand
    something_to_do: threading.Event = field(default_factory=threading.Event)
    delivering: threading.RLock = field(default_factory=threading.RLock)

    @property
    def now(self) -> int:
        return self.clock.now()


def open_world(
    database: Path, *, key: str, public_url: str = "", recorder: Recorder | None = None
) -> World:
    store = Store(database)
    return World(
        store=store,
        clock=Clock(store),
        behaviour=Behaviour.load(store),
        key=key,
        public_url=public_url,
        recorder=recorder,
    )
