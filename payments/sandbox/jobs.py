"""Things that happen later: each job knows its moment on the sandbox clock.

Before anything else happens at a moment, every job that was due by then is done, at the moment
it was due; so moving the clock by a month tells the same story as waiting for a month.
"""

from collections.abc import Callable

from payments.sandbox.world import World

Handler = Callable[[World, str, int], None]
HANDLERS: dict[str, Handler] = {}


def handles(name: str) -> Callable[[Handler], Handler]:
    """Register a function (world, subject id, moment) for jobs of this name."""

    def register(handler: Handler) -> Handler:
        HANDLERS[name] = handler
        return handler

    return register


def plan(world: World, name: str, *, due: int, subject: str = "") -> None:
    world.store.run("INSERT INTO jobs (due, name, subject) VALUES (?, ?, ?)", (due, name, subject))


def unplan(world: World, name: str) -> None:
    world.store.run("DELETE FROM jobs WHERE name = ?", (name,))


def run_due(world: World, *, upto: int) -> int:
    """Do what was due by `upto`, in order of time. Returns how many jobs were done."""
    done = 0
    with world.store.transaction():
        while rows := world.store.run(
            "SELECT id, due, name, subject FROM jobs WHERE due <= ? ORDER BY due, id LIMIT 1",
            (upto,),
        ):
            job = rows[0]
            world.store.run("DELETE FROM jobs WHERE id = ?", (job["id"],))
            HANDLERS[job["name"]](world, job["subject"], job["due"])
            done += 1
    return done
