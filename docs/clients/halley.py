"""A client of Halley for Python 3.9 and later, with the standard library alone.

As a module:

    chat = Halley("https://chat.example", channels=["room:tea"])
    chat.sign_in("alice")
    chat.send("room:tea", text="hello")
    for event in chat.events():
        if event["type"] == "message":
            print(event["message"])

As a program, it prints what it receives and sends what it reads, one JSON object per line:

    python3 halley.py --url https://chat.example --name alice --channel room:tea

docs/PROTOCOL.md describes the lines and what a client must do. Store the cursor of the events "cursor" and pass it to
the next start to continue there. A line that cannot be sent is refused with the code "invalid_request".

The exit status is 1 if it cannot sign in, and 0 after the line "stopped", whatever the reason. So a supervisor reads
that reason: after "superseded", "signed_out" and "kicked", do not start it again by itself; after "token_expired",
start it with a new token and the last cursor; after anything else, correct the arguments first.

With AUTH=jwt, pass a function that returns a token of your application. It is called before the first request, and when
the token has expired; as a program, --token-url is the address that answers with a token as text:

    chat = Halley(url, get_token=lambda: make_token("42"), channels=channels, cursor=last_cursor)

While the server cannot be reached or asks to wait, requests are repeated. The logger "halley" warns of that once, and
says when there are answers again; `on_state` is called with "unavailable" and the reason, and with "available" and "".

With a fixed token (--token), events() ends with the reason "token_expired". Continue with a new token and the last
cursor.
"""

import argparse
import email.utils
import http.client
import json
import logging
import queue
import random
import secrets
import sys
import threading
import time
import urllib.request
from urllib.parse import quote, urlencode, urlsplit

LOGGER = logging.getLogger("halley")

PROBLEM_TYPE = "urn:halley:problem:"

# Seconds that a request other than a poll may take, and a poll longer than its hold.
REPLY_TIMEOUT = 30
GRACE = 10

# Milliseconds. The server holds a poll at most that long.
MAX_HOLD = 55_000

# Seconds. The delay after a failure is random, below a limit that doubles from the first to the last.
FIRST_DELAY, LAST_DELAY = 0.5, 20

# Maximum of a Retry-After that does not come from Halley, in seconds.
MAX_FOREIGN_DELAY = 60

# How many messages are remembered to recognize those that come again: more than two replies can contain.
REMEMBERED = 1000


class Refused(Exception):
    """Halley has refused a request for good: repeating it is pointless. `code` says why."""

    def __init__(self, code, detail=""):
        super().__init__(f"{code}: {detail}")
        self.code = code


class Disturbance(Exception):
    """No answer, or one that passes: repeat the request. `delay`: seconds that were asked for, or None."""

    def __init__(self, detail, delay=None, is_unprocessed=False):
        super().__init__(detail)
        self.delay = delay
        self.is_unprocessed = is_unprocessed


class Backoff:
    """Delays between attempts."""

    def __init__(self):
        self._limit = FIRST_DELAY

    def wait(self, disturbance):
        delay = disturbance.delay
        if delay is None:
            delay = random.uniform(0, self._limit)
            self._limit = min(LAST_DELAY, self._limit * 2)
        time.sleep(delay)


class Halley:
    """A session, and one reader of it."""

    def __init__(
        self, url, token=None, channels=(), cursor=None, hold=None, notices=True, get_token=None, on_state=None
    ):
        """`hold`: how long the server may hold a poll, in milliseconds; by default as long as it wants. `notices`:
        whether this reader shows notices. What it does not take does not count as delivered. `get_token` returns a token
        of the application, always of the same user; it may raise Disturbance. `on_state` is called by the thread that
        reads or sends."""
        self._url = urlsplit(url)
        self._token = token
        self._get_token = get_token
        self._token_lock = threading.Lock()
        self._on_state = on_state
        self._state_lock = threading.Lock()
        self._state = None
        self.channels = list(channels)
        self._cursor = cursor
        self._hold = hold
        self._notices = notices
        self._tab = secrets.token_urlsafe(12)
        self._turn = 0
        self._settings = None
        self._seen = {}

    def sign_in(self, name):
        """Signs in with a name. Returns {publicToken, privateToken, displayName, settings}."""
        backoff = Backoff()
        while True:
            try:
                session = self._request(
                    "POST", "/api/sessions", {"displayName": name}, expected="privateToken"
                )
                self._token, self._settings = session["privateToken"], session["settings"]
                return session
            except Disturbance as disturbance:
                backoff.wait(disturbance)

    def send(self, channel, key=None, **content):
        """Sends `text` or `data`, once. Returns the stored message; raises Refused if it was not stored, with the
        code key_expired if that is unknown."""
        body = {"channel": channel, "key": key or secrets.token_urlsafe(24), **content}
        backoff = Backoff()
        first_use = attempt = None
        while True:
            try:
                if first_use is not None:
                    self._check_remembered(first_use)
                attempt = time.time(), time.monotonic()
                return self._request("POST", "/api/messages", body, expected="id")
            except Disturbance as disturbance:
                if first_use is None and not disturbance.is_unprocessed:
                    first_use = attempt
                backoff.wait(disturbance)

    def history(self, channel, before=None, limit=50):
        """A page of {messages, more}, newest first: messages with ids below `before`."""
        query = urlencode({"limit": limit, **({} if before is None else {"before": before})})
        path = f"/api/channels/{quote(channel, safe='')}/messages?{query}"
        backoff = Backoff()
        while True:
            try:
                return self._request("GET", path, expected="messages")
            except Disturbance as disturbance:
                backoff.wait(disturbance)

    def events(self):
        """Polls forever, and yields what happens:

        {"type": "gap"}: messages may be missing. Load again what you show, with history().
        {"type": "left_out", "channel": …, "code": …}: a room may not be read. The others are.
        {"type": "message", "message": …}: once each, in the order of the log.
        {"type": "change", "change": {id, message, channel, at}}: a message was edited, or deleted if it has deletedAt.
        {"type": "cursor", "cursor": …}: all messages before it were yielded. Store it.
        {"type": "stopped", "reason": …}: the last event.
        """
        backoff = Backoff()
        while True:
            try:
                reply = self._poll()
            except Refused as refused:
                yield {"type": "stopped", "reason": refused.code}
                return
            except Disturbance as disturbance:
                backoff.wait(disturbance)
                continue
            backoff = Backoff()
            if reply["outcome"] == "cancelled":
                yield {"type": "stopped", "reason": reply.get("reason", "superseded")}
                return
            if reply.get("gap"):
                yield {"type": "gap"}
            for refused in reply.get("refused", ()):
                # A room for which there is no space is named again: it is read as soon as there is.
                if refused["code"] != "too_many_rooms" and refused["channel"] in self.channels:
                    self.channels.remove(refused["channel"])
                    yield {"type": "left_out", "channel": refused["channel"], "code": refused["code"]}
            for message in reply["messages"]:
                if self._is_new(message):
                    yield {"type": "message", "message": message}
            for change in reply.get("changes", ()):
                if self._is_new(change):
                    yield {"type": "change", "change": change}
            self._cursor = reply["cursor"]
            yield {"type": "cursor", "cursor": self._cursor}
            time.sleep(reply.get("retryAfter", 0) / 1000)

    def _poll(self):
        self._turn = max(self._turn + 1, int(time.time() * 1000))
        body = {"channels": self.channels, "tab": self._tab, "turn": self._turn}
        if self._cursor is not None:
            body["cursor"] = self._cursor
        if self._hold is not None:
            body["hold"] = self._hold
        if not self._notices:
            body["notices"] = False
        hold = MAX_HOLD if self._hold is None else self._hold
        return self._request(
            "POST", "/api/poll", body, expected="outcome", timeout=hold / 1000 + GRACE
        )

    def _is_new(self, message):
        """Whether a message or a change does not come again. They have their ids from one log."""
        # A new log assigns the same ids to other messages; the time distinguishes them.
        unique = message["id"], message["at"]
        if unique in self._seen:
            return False
        self._seen[unique] = True
        if len(self._seen) > REMEMBERED:
            del self._seen[next(iter(self._seen))]
        return True

    def _check_remembered(self, first_use):
        """Raises Refused if a request that goes out now might arrive after the server has forgotten the key."""
        if self._settings is None:
            self._settings = self._request("GET", "/api/session", expected="settings")["settings"]
        # One clock can be set back, the other one can stand still during sleep.
        age = max(time.time() - first_use[0], time.monotonic() - first_use[1])
        if age + REPLY_TIMEOUT > self._settings["keyAge"] / 1000:
            raise Refused("key_expired", "The message may have been stored, or not")

    def _renew(self, rejected):
        """Gets another token than the rejected one. Returns whether there is one."""
        with self._token_lock:
            # Another thread may have got one.
            if self._token == rejected:
                self._token = self._get_token()
        return self._token != rejected

    def _request(self, method, path, body=None, expected="", timeout=REPLY_TIMEOUT):
        """The reply to a request, an object with the member `expected`. Raises Refused or Disturbance."""
        try:
            reply = self._exchange_with_token(method, path, body, expected, timeout)
        except Refused:
            self._change_state("available")
            raise
        except Disturbance as disturbance:
            self._change_state("unavailable", str(disturbance))
            raise
        self._change_state("available")
        return reply

    def _change_state(self, state, reason=""):
        with self._state_lock:
            before, self._state = self._state, state
        if state == before:
            return
        server = f"{self._url.scheme}://{self._url.netloc.rpartition('@')[2]}"
        if state == "unavailable":
            LOGGER.warning("%s is unavailable or asks to wait (%s). Trying again", server, reason)
        elif before is not None:
            LOGGER.info("%s is available again", server)
        if self._on_state is not None:
            self._on_state(state, reason)

    def _exchange_with_token(self, method, path, body, expected, timeout):
        if self._token is None and self._get_token is not None:
            self._renew(None)
        token = self._token
        try:
            return self._exchange(method, path, body, expected, timeout)
        except Refused as refused:
            if refused.code != "token_expired" or self._get_token is None or not self._renew(token):
                raise
        return self._exchange(method, path, body, expected, timeout)

    def _exchange(self, method, path, body, expected, timeout):
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        data = None if body is None else json.dumps(body).encode()
        is_secure = self._url.scheme == "https"
        kind = http.client.HTTPSConnection if is_secure else http.client.HTTPConnection
        connection = kind(self._url.hostname, self._url.port, timeout=timeout)
        try:
            # http.client follows no redirects, so no other address gets the token.
            connection.request(method, self._url.path.rstrip("/") + path, data, headers)
            response = connection.getresponse()
            text = _read(response, time.monotonic() + timeout)
        except (OSError, http.client.HTTPException) as error:
            raise Disturbance(f"no answer: {error}") from error
        finally:
            connection.close()
        return _parse(response, text, expected)


def _read(response, deadline):
    """Reads a body. The timeout of a socket is for each of its reads: a body that trickles in has none."""
    parts = []
    while part := response.read1(65_536):
        parts.append(part)
        if time.monotonic() > deadline:
            raise TimeoutError("the reply took too long")
    if response.length:
        raise http.client.IncompleteRead(b"")
    return b"".join(parts)


def _parse(response, text, expected):
    """Returns a reply of Halley. Anything else is refused for good, or a disturbance."""
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        value = {}
    if response.status in (200, 201) and expected in value:
        return value
    code = value.get("code")
    is_problem = (
        response.headers.get_content_type() == "application/problem+json"
        and value.get("type") == f"{PROBLEM_TYPE}{code}"
        and value.get("status") == response.status
    )
    if is_problem and response.status < 429:
        raise Refused(code, value.get("detail", ""))
    delay = _retry_after(response)
    if is_problem:
        if "retryAfter" in value:
            delay = value["retryAfter"] / 1000
        raise Disturbance(code, delay, is_unprocessed=response.status == 429)
    delay = None if delay is None else min(delay, MAX_FOREIGN_DELAY)
    raise Disturbance(f"status {response.status}, which is not from Halley", delay)


def _retry_after(response):
    """The header Retry-After in seconds; None without one."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdigit():
        return int(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


def _send_lines(chat, lines, emit):
    """Sends what comes from the queue, one after the other: so it is stored in that order."""
    while True:
        line = lines.get()
        try:
            emit({"type": "sent", "message": chat.send(**_parse_line(line))})
        except Refused as refused:
            print(refused, file=sys.stderr, flush=True)
            emit({"type": "refused", "code": refused.code})


def _parse_line(line):
    """The message in a line of the input. Raises Refused if there is none."""
    try:
        message = json.loads(line.encode())
    except (ValueError, RecursionError) as error:
        raise Refused("invalid_request", f"The line is not JSON: {error}") from error
    is_valid = (
        isinstance(message, dict)
        and isinstance(message.get("channel"), str)
        and ("text" in message) != ("data" in message)
    )
    if not is_valid:
        raise Refused("invalid_request", 'A line needs "channel", and either "text" or "data"')
    for name in set(message) - {"channel", "text", "data", "key"}:
        raise Refused("invalid_request", f"A line has no member {json.dumps(name)}")
    return message


def _token_at(url):
    """Asks the application for a token. Raises Disturbance."""
    try:
        with urllib.request.urlopen(url, timeout=REPLY_TIMEOUT) as response:
            return response.read().decode().strip()
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        raise Disturbance(f"no token: {error}") from error


def _load_again(chat, emit):
    """After a gap, what was shown is not reliable."""
    for channel in list(chat.channels):
        try:
            emit({"type": "history", "channel": channel, "messages": chat.history(channel)["messages"]})
        except Refused as refused:
            print(refused, file=sys.stderr, flush=True)


def _advice(refused):
    if refused.code != "token_required":
        return refused
    return "this server needs a token of the application: pass it as --token, or its address as --token-url, instead of --name"


def main():
    parser = argparse.ArgumentParser(description="Reads and sends messages, one JSON object per line.")
    parser.add_argument("--url", required=True, help="the address of the server")
    parser.add_argument("--name", help="sign in with this name")
    parser.add_argument("--token", help="use this session instead")
    parser.add_argument("--token-url", help="where the application answers with a token")
    parser.add_argument("--channel", action="append", default=[], help="a room to read")
    parser.add_argument("--cursor", help="where to start reading; by default at the newest message")
    parser.add_argument("--hold", type=int, help="how long a poll may be held, in ms")
    options = parser.parse_args()
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    lock = threading.Lock()

    def emit(event):
        with lock:
            print(json.dumps(event), flush=True)

    get_token = (lambda: _token_at(options.token_url)) if options.token_url else None
    chat = Halley(
        options.url, options.token, options.channel, options.cursor, options.hold, get_token=get_token
    )
    if options.token is None and get_token is None:
        try:
            session = chat.sign_in(options.name or "guest")
        except Refused as refused:
            sys.exit(f"Cannot sign in: {_advice(refused)}")
        tokens = {name: session[name] for name in ("publicToken", "privateToken")}
        emit({"type": "session", **tokens})

    lines = queue.Queue()

    def read_lines():
        # A line that is not UTF-8 must not end the reading.
        sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")
        for line in sys.stdin:
            lines.put(line)

    threading.Thread(target=read_lines, daemon=True).start()
    threading.Thread(target=_send_lines, args=(chat, lines, emit), daemon=True).start()
    for event in chat.events():
        emit(event)
        if event["type"] == "gap":
            _load_again(chat, emit)


if __name__ == "__main__":
    main()
