"""The staff application, put together: `create_app(config)` reads like a table of contents."""

import fcntl
from uuid import UUID

from flask import Blueprint, Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.config import Config
from app.release.take_down import reconcile, take_down_for_statement
from app.release.tree import PublicFolder
from app.services import Services
from app.unit_of_work import UnitOfWork
from app.web import access, csrf, errors, headers, hooks, pages, static
from app.web.requests import Request


def create_app(config: Config | None = None, services: Services | None = None) -> Flask:
    """The staff application.

    Raises:
        Unusable: the settings, the database or the root key file do not fit together.
        RuntimeError: a route declares no permission.
    """
    app = Flask(
        __name__, static_folder="web/static", static_url_path="/static", template_folder="web/templates"
    )
    app.request_class = Request
    app.extensions["vouchsafe"] = services = services or Services.start(config or Config.from_env())
    _believe_proxies(app, services.config.trusted_proxies)
    pages.register(app)
    errors.register(app)
    static.register(app)
    app.after_request(headers.set_headers)
    app.after_request(csrf.keep_nonce)
    app.after_request(access.count_refusal)
    for feature in _features():
        app.register_blueprint(feature)
    folder = PublicFolder(services.config.public_dir)
    hooks.offer_take_down(app, _take_down(folder))
    _mend(services, folder)
    access.check_declarations(app)
    return app


def _believe_proxies(app: Flask, number: int) -> None:
    """Address and scheme as the outermost of our own proxies saw them; of a header that somebody sent through, nothing."""
    if number:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # the place that Flask names for it
            app.wsgi_app, x_for=number, x_proto=number, x_host=0, x_port=0, x_prefix=0
        )


def _mend(services: Services, folder: PublicFolder) -> None:
    """Before the first request readers get what the database says: a process may have died between commit and switch."""
    folder.root.mkdir(parents=True, exist_ok=True)
    uow = services.unit_of_work()
    with (services.config.data_dir / "public.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # workers start together
        try:
            reconcile(uow, folder)
        finally:
            uow.end()


def _take_down(folder: PublicFolder) -> hooks.TakeDown:
    def take_down(uow: UnitOfWork, statement: UUID) -> None:
        take_down_for_statement(uow, folder, statement)

    return take_down


def _features() -> tuple[Blueprint, ...]:
    from app.accounts.routes import bp as accounts
    from app.administration.routes import bp as administration
    from app.cases.routes import bp as cases
    from app.enrolment.returning import bp as returning
    from app.enrolment.routes import bp as enrolment
    from app.intake.routes import bp as intake
    from app.redaction.routes import bp as redaction
    from app.release.routes import bp as release
    from app.transcription.routes import bp as transcription

    return accounts, administration, enrolment, returning, intake, cases, transcription, redaction, release
