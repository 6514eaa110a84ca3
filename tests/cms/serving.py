"""The portal at an address, on the connection of the test, which undoes all of it."""

import threading
from contextlib import contextmanager
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connections


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


@contextmanager
def served():
    """One request after another; the test waits meanwhile."""
    connection = connections["default"]
    connection.inc_thread_sharing()
    portal = get_wsgi_application()

    def app(environ, start_response):
        # At each request Django leaves a connection that is inside a transaction.
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)
        return portal(environ, start_response)

    server = make_server("127.0.0.1", 0, app, handler_class=Quiet)

    def serve():
        connections["default"] = connection
        server.serve_forever(poll_interval=0.05)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
        connection.dec_thread_sharing()
