"""Somebody with a browser without scripts: follows links, fills in forms, tries again."""

import time
from http.client import HTTPException
from http.cookiejar import CookieJar
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, Request, build_opener

from lxml import html


class Page:
    """What came back."""

    def __init__(self, address: str, status: int, body: bytes) -> None:
        self.address, self.status = address, status
        self.tree = html.fromstring(body or b"<html></html>")

    @property
    def text(self) -> str:
        """Return the visible words."""
        return " ".join(self.tree.text_content().split())

    def form(self, part: str) -> html.FormElement:
        """Return the form whose address or id holds `part`."""
        for form in self.tree.forms:
            if part in (form.get("action") or self.address) or part == form.get("id"):
                return form
        raise AssertionError(f"no form {part} on {self.address}: {self.text[:300]}")


class Visitor:
    """One browser; spreads its requests over all webs and repeats what got no answer."""

    def __init__(self, addresses: list[str], patience: float = 20) -> None:
        self._addresses = addresses
        self._turn = 0
        self.patience = patience
        """For so many seconds a request without an answer, or told to wait, is sent again."""
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()))
        self.seen: list[int] = []
        """Every status that came back."""
        self.refused: set[str] = set()
        """Paths of requests that were answered with 400."""

    def get(self, path: str) -> Page:
        """Open a page."""
        return self._send(path, None)

    def submit(self, page: Page, part: str, **values: str) -> Page:
        """Fill in and send a form, its hidden fields included; again if there is no answer."""
        form = page.form(part)
        fields = dict(form.form_values())
        fields.pop("_refresh", None)
        fields |= values
        return self._send(urljoin(page.address, form.get("action") or page.address), fields)

    def upload(self, page: Page, part: str, name: str, content: bytes, **values: str) -> Page:
        """Send a form with one file in its field `files`, once. Raises OSError without answer."""
        form = page.form(part)
        border = "journey-border"
        lines = [
            f'--{border}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in (dict(form.form_values()) | values).items()
        ]
        lines.append(
            f'--{border}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
            "Content-Type: application/xml\r\n\r\n"
        )
        body = "".join(lines).encode() + content + f"\r\n--{border}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={border}"}
        address = self._addresses[0] + urlsplit(form.get("action")).path
        return self._once(Request(address, data=body, headers={"Accept-Language": "en", **kind}))

    def _send(self, path: str, fields: dict[str, str] | None) -> Page:
        last = time.monotonic() + self.patience
        while True:
            self._turn += 1
            base = self._addresses[self._turn % len(self._addresses)]
            address = base + (urlsplit(path).path or "/") + _query(path)
            data = urlencode(fields).encode() if fields is not None else None
            try:
                page = self._once(Request(address, data=data, headers={"Accept-Language": "en"}))
            except (URLError, HTTPException, OSError):
                page = None
            late = time.monotonic() >= last
            if page is not None and (late or page.status not in {503, 507}):
                return page
            assert not late, f"no answer from {address}"
            time.sleep(0.1)

    def _once(self, request: Request) -> Page:
        try:
            with self._opener.open(request, timeout=15) as answer:
                self.seen.append(answer.status)
                return Page(answer.url, answer.status, answer.read())
        except HTTPError as error:
            self.seen.append(error.code)
            if error.code == 400:
                self.refused.add(urlsplit(request.full_url).path)
            return Page(error.url, error.code, error.read())


def _query(path: str) -> str:
    query = urlsplit(path).query
    return f"?{query}" if query else ""
