"""Dovecot as the IMAP server of tests: its own configuration, one folder, ports of this run."""

import grp
import os
import pwd
import shutil
import socket
import subprocess
import time
from pathlib import Path

from imap_tools import ImapToolsError, MailBoxUnencrypted

from tests.servers.process import end

_HOST = "127.0.0.1"
_PATIENCE = 10
_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
default_login_user = {login}
default_internal_user = {internal}
default_internal_group = {internal_group}
mail_location = maildir:{folder}/mail/%u
mail_uid = {mail}
mail_gid = {mail_group}
first_valid_uid = 1
mailbox_idle_check_interval = 1 s
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={mail} gid={mail_group} home={folder}/mail/%u allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = {host}
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""


class Dovecot:
    """Dovecot 2.3. As root it runs its parts as the users its package made, else as ourselves."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.port = _free_port()
        self._program, self._folder = program, folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(0o755)
        mail = _user("mail", "nobody")
        entry = pwd.getpwnam(mail)
        (self._folder / "mail").mkdir(exist_ok=True)
        shutil.chown(self._folder / "mail", entry.pw_uid, entry.pw_gid)
        (self._folder / "users").touch(mode=0o644)
        group = grp.getgrgid(entry.pw_gid).gr_name
        config = self._folder / "dovecot.conf"
        config.write_text(
            _CONFIG.format(
                folder=self._folder,
                host=_HOST,
                port=self.port,
                mail=mail,
                mail_group=group,
                login=_user("dovenull", "nobody"),
                internal=(internal := _user("dovecot", "mail")),
                internal_group=grp.getgrgid(pwd.getpwnam(internal).pw_gid).gr_name,
            )
        )
        with (self._folder / "started.log").open("wb") as log:
            self._process = subprocess.Popen(
                [str(self._program), "-F", "-c", str(config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def stop(self) -> None:
        if self._process is not None:
            end(self._process)

    def add(self, user: str, password: str) -> None:
        with (self._folder / "users").open("a") as users:
            users.write(f"{user}:{{PLAIN}}{password}\n")
        last = time.monotonic() + _PATIENCE
        while not self._knows(user, password):  # it looks at the file once a second
            assert time.monotonic() < last, f"Dovecot does not let {user} in: see {self._folder}"
            time.sleep(0.1)

    def _knows(self, user: str, password: str) -> bool:
        box = MailBoxUnencrypted(_HOST, self.port, 10)
        try:
            box.login(user, password, initial_folder=None)
        except ImapToolsError:
            return False
        finally:
            box.logout()
        return True


def _user(*names: str) -> str:
    """Return the first of these users there is, for root to run a part as; else ourselves."""
    known = {entry.pw_name for entry in pwd.getpwall()}
    found = [name for name in names if name in known] if os.geteuid() == 0 else []
    return found[0] if found else pwd.getpwuid(os.geteuid()).pw_name


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((_HOST, 0))
        return int(found.getsockname()[1])
