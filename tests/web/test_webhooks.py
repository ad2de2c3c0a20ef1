"""Webhooks: the end of a job is told, signed, tried again; nothing but allowed hosts is called."""

import io
import ipaddress
import json
import socket
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photochrom.errors import OptionError
from photochrom.web.errors import ApiError
from photochrom.web.jobs.queue import JobQueue
from photochrom.web.jobs.repository import JobRepository
from photochrom.web.jobs.webhook_hosts import ForbiddenAddressError, WebhookHosts
from photochrom.web.jobs.webhook_signature import check_signature, new_secret, sign_webhook
from photochrom.web.jobs.webhooks import WebhookSender
from photochrom.web.limits import Limits
from photochrom.web.storage.store import Storage

SECRET = new_secret()


class Receiver(ThreadingHTTPServer):
    """Notes what is sent to it, and answers as it is told: one status after the other, then 204."""

    def __init__(self):
        self.taken, self.statuses = [], []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                server.taken.append((self.path, dict(self.headers), body))
                status = server.statuses.pop(0) if server.statuses else 204
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server_port}"


@pytest.fixture(scope="module")
def receiver():
    server = Receiver()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def service(start_service, receiver):
    return start_service(
        PHOTOCHROM_WEBHOOK_HOSTS=f"http://{receiver.host}, hooks.example", PHOTOCHROM_WEBHOOK_NETWORKS="127.0.0.0/8"
    )


def small_photo(api):
    stream = io.BytesIO()
    Image.effect_mandelbrot((40, 30), (-2, -1, 1, 1), 20).save(stream, "PNG")
    return api.post("photos", files={"file": ("a.png", stream.getvalue())}).json()["id"]


def test_the_end_of_a_job_is_told_and_told_again(service, api, receiver, finished, wait_for):
    receiver.taken.clear()
    receiver.statuses[:] = [500]
    order = {"photos": [small_photo(api)], "webhook": {"url": f"http://{receiver.host}/a?b=c", "secret": SECRET}}
    job = api.post("jobs", json=order).json()
    assert job["webhook"] == "waiting"
    done = finished(api, job["id"])
    told = wait_for(lambda: (facts := api.get(f"jobs/{job['id']}").json())["webhook"] != "waiting" and facts)
    assert told["webhook"] == "delivered"
    assert len(receiver.taken) == 2
    for path, headers, body in receiver.taken:
        assert path == "/a?b=c"
        assert check_signature(SECRET, headers, body)
        assert not check_signature(SECRET, headers, body + b" ")
        assert not check_signature(new_secret(), headers, body)
        message = json.loads(body)
        assert message["type"] == "job.done"
        assert message["data"]["result_url"] == done["result_url"]
    assert len({headers["webhook-id"] for _, headers, _ in receiver.taken}) == 1
    assert SECRET not in api.get(f"jobs/{job['id']}").text
    left = [
        path
        for path in (service.folder / "store").rglob("*")
        if path.is_file() and SECRET.encode() in path.read_bytes()
    ]
    assert left == []


def test_a_film_that_fails_is_told_too(api, receiver, wait_for):
    pytest.importorskip("av", reason="films need the video extra")
    receiver.taken.clear()
    webhook = json.dumps({"url": f"http://{receiver.host}/film", "secret": SECRET})
    refused = api.post("jobs", files={"file": ("a.mp4", b"nothing")}, data={"webhook": webhook})
    assert refused.status_code == 422
    photo = small_photo(api)
    order = {"photos": [photo], "options": {photo: {"hints": [{"x": 900, "y": 1, "color": "#fff"}]}}}
    api.post("jobs", json=order | {"webhook": json.loads(webhook)})
    wait_for(lambda: receiver.taken)
    assert json.loads(receiver.taken[0][2])["type"] == "job.failed"


def test_only_allowed_hosts_are_taken(api, receiver):
    photo = small_photo(api)
    for url, code in (
        ("https://evil.example/", "service.webhook_host"),
        ("https://hooks.example.evil.example/", "service.webhook_host"),
        ("http://hooks.example/", "service.webhook_host"),
        ("https://hooks.example:8443/", "service.webhook_host"),
        ("https://a.hooks.example/", "service.webhook_host"),
        (f"https://{receiver.host}/", "service.webhook_host"),
        ("http://169.254.169.254/latest/meta-data", "service.webhook_host"),
        ("file:///etc/passwd", "service.webhook_address"),
        ("https://hooks.example@evil.example/", "service.webhook_address"),
        ("https://evil.example\\@hooks.example/", "service.webhook_address"),
        ("https://hooks.example/\r\nX: y", "service.webhook_address"),
        ("hooks.example", "service.webhook_address"),
    ):
        answer = api.post("jobs", json={"photos": [photo], "webhook": {"url": url, "secret": SECRET}})
        assert (answer.status_code, answer.json()["code"]) == (422, code), url
    weak = {"url": "https://hooks.example/", "secret": "whsec_c2hvcnQ="}
    assert api.post("jobs", json={"photos": [photo], "webhook": weak}).json()["code"] == "service.invalid_field"
    assert api.get("jobs").json() == {"jobs": []}


def resolve_to(monkeypatch, *addresses):
    def look_up(name, port, **_):
        return [(0, 0, 0, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "169.254.169.254", "0.0.0.0", "224.0.0.1", "100.64.0.1", "::1", "fe80::1%eth0"),
        *("fd00::1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "2001:0:a00:1::1", "::"),
    ],
)
def test_a_name_that_leads_inside_is_not_called(monkeypatch, address):
    called = []
    monkeypatch.setattr(socket, "create_connection", lambda *given: called.append(given))
    # one good address among them does not help
    resolve_to(monkeypatch, "93.184.215.14", address)
    with pytest.raises(ForbiddenAddressError):
        WebhookHosts(("hooks.example",)).post("https://hooks.example/", b"", {})
    assert called == []


def test_the_address_that_was_looked_at_is_called(monkeypatch):
    called = []

    def connect(place, timeout):
        called.append(place)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    resolve_to(monkeypatch, "93.184.215.14")
    with pytest.raises(ConnectionRefusedError):
        WebhookHosts(("*.example",)).post("https://hooks.example/", b"", {})
    assert called == [("93.184.215.14", 443)]


@given(st.ip_addresses())
def test_no_address_but_public_ones(address):
    hosts = WebhookHosts(())
    if hosts._may_call(address):
        assert address.is_global
        assert not getattr(address, "ipv4_mapped", None) or address.ipv4_mapped.is_global
    assert WebhookHosts((), (f"{address}/{address.max_prefixlen}",))._may_call(address)
    if isinstance(address, ipaddress.IPv4Address):
        mapped = ipaddress.ip_address(f"::ffff:{address}")
        assert hosts._may_call(mapped) == hosts._may_call(address)


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_refused(text):
    for url in (text, f"https://{text}", f"https://hooks.example/{text}"):
        with suppress(ApiError):
            WebhookHosts(("hooks.example",)).check(url)
            assert url.lower().startswith("https://hooks.example")


@pytest.mark.parametrize("hosts", ["ftp://a", "*", "a/b", "*.*.a", "a:b", "u@a"])
def test_a_wrong_setting_is_refused(monkeypatch, hosts):
    monkeypatch.setenv("PHOTOCHROM_WEBHOOK_HOSTS", hosts)
    with pytest.raises(OptionError, check=lambda error: error.code == "service.webhook_setting"):
        WebhookHosts.from_environment()


@pytest.fixture
def outbox(tmp_path, receiver):
    """Jobs of a storage of its own, and a job that has ended and has a webhook."""
    jobs = JobRepository(Storage(str(tmp_path / "store")), JobQueue(f"sqlite://{tmp_path / 'queue'}"), Limits())
    job = jobs.create("c" * 40, "batch")
    known = {"url": f"http://{receiver.host}/", "secret": SECRET, "base": "http://service/api/v1"}
    jobs.storage.write_json(f"{job.folder}/webhook.json", known)
    jobs.finish(job, "done")
    receiver.taken.clear()
    return jobs, job, WebhookHosts((f"http://{receiver.host}",), ("127.0.0.0/8",))


def test_attempts_are_bounded_and_a_redirection_is_not_followed(outbox, receiver):
    jobs, job, hosts = outbox
    receiver.statuses[:] = [302, 500, 404]
    for _ in range(5):
        WebhookSender(jobs, hosts, (0.0, 0.0)).send_due()
    assert [path for path, _, _ in receiver.taken] == ["/", "/", "/"]
    assert jobs.read(job.client, job.id).webhook == "failed"
    assert jobs.storage.names("webhooks") == []


def test_several_senders_send_once(outbox, receiver):
    jobs, job, hosts = outbox
    threads = [threading.Thread(target=WebhookSender(jobs, hosts).send_due) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receiver.taken) == 1
    assert jobs.read(job.client, job.id).webhook == "delivered"


def test_a_deleted_job_is_not_told(outbox, receiver):
    jobs, job, hosts = outbox
    jobs.remove(job.client, job.id)
    WebhookSender(jobs, hosts).send_due()
    assert receiver.taken == []
    assert jobs.storage.names("webhooks") == []
    assert jobs.read(job.client, job.id) is None


def test_the_signature_is_that_of_the_specification():
    # the example of the specification's libraries
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    headers = sign_webhook(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    # an old one that is sent again
    assert not check_signature(secret, headers, body)
