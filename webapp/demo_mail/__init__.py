"""The demo's mail program for customers: three panes over real IMAP and SMTP."""

from webapp.demo_mail import reading, writing
from webapp.demo_mail.blueprint import bp

__all__ = ["bp", "reading", "writing"]
