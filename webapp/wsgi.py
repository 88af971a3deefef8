"""What a WSGI server starts: settings read, product built, face put on."""

from processes.bootstrap import build
from processes.config import Settings
from webapp import logs
from webapp.app import create_app
from webapp.config import WebSettings

logs.configure()
application = create_app(build(Settings()), WebSettings())
