"""What a web server imports: settings -> desk -> app. The engine starts with the worker, not here.

`bellwether serve`, or `gunicorn -c python:engine.cli.server wsgi:app` behind a `bellwether db
upgrade`. Another server has to start and stop `app.extensions["engine"]` itself, and to end the
process once it `has_moved`: another account is traded, and the next process is made for that one.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from engine.bootstrap import serve_desk
from engine.logs import configure_logs, report_to_sentry
from engine.memory import give_back_what_is_freed
from engine.settings import keep_secret_key, load_settings

give_back_what_is_freed()
settings = load_settings()
configure_logs(level=settings.log_level, as_json=settings.logs_as_json)
report_to_sentry(settings.sentry_dsn.get_secret_value() if settings.sentry_dsn else None)
with ThreadPoolExecutor(1, "desk") as beside:  # a market is made while the pages are imported
    desk = beside.submit(serve_desk, settings)
    from dashboard import create_app
served = desk.result()
app = create_app(settings, served.desk, keep_secret_key(settings, Path("data")))
app.extensions["engine"] = served
