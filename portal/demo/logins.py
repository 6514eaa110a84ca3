"""Who can sign in to the demo. Never loaded outside a demo, so the password is no secret."""

from base64 import b32encode
from dataclasses import dataclass

PASSWORD = "lanes-and-tape-demo"  # noqa: S105 - printed on the screen of every demo


@dataclass(frozen=True, slots=True)
class Login:
    email: str
    name: str
    groups: tuple[str, ...]
    does: str

    @property
    def secret(self) -> str:
        """What an authenticator app makes the login's six digits from."""
        return b32encode(f"demo of {self.email}".encode()[:20]).decode()


DESK, BOOKS = "desk@demo.example", "books@demo.example"
STAFF = (
    Login("editor@demo.example", "Edie Marsh", ("Moderators",), "writes and publishes at /admin/"),
    Login(DESK, "Dana Holt", ("Front desk",), "runs the day at /staff/day/"),
    Login(BOOKS, "Beck Osei", ("Bookkeepers",), "balances at /staff/reconciliation/"),
    Login("owner@demo.example", "Olive Grant", ("Owners", "Moderators"), "may do everything"),
)
RUNNER = Login("runner@demo.example", "Robin Vale", (), "has credits and a session booked")


def welcome(port: int, stripe_port: int) -> str:
    """What the terminal shows when everything runs."""
    site = f"http://localhost:{port}"
    people = "\n".join(f"  {login.email:24} {login.does}" for login in (*STAFF, RUNNER))
    return f"""
The portal is running.

  {site + "/":38} the site
  {site + "/admin/":38} the editors' desk
  {site + "/staff/day/":38} the staff's day
  {site + "/staff/reconciliation/":38} the books
  {site + "/mailbox/":38} every mail it sent, codes included
  {site + "/mailbox/authenticator/":38} the six digits of each member of staff
  {site + "/api/v1/docs/":38} the API
  {f"http://127.0.0.1:{stripe_port}/":38} the local Stripe server

Sign in with the password {PASSWORD}; staff type six digits after it
{people}
Pay with card 4242 4242 4242 4242, any date ahead, any code. Ctrl-C stops everything.
"""
