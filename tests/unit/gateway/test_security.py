"""Who gets in, what a form must carry, and what every answer says to the browser."""

import re
from dataclasses import replace

import httpx
import pytest
from asyncpg import InterfaceError
from cryptography.exceptions import InvalidTag

from gateway.portal.owners import form_secret, owner_of
from gateway.portal.routes.session import local_path
from gateway.portal.sealing import Seal, digest, new_id
from gateway.portal.sessions import Found, Held, SignIn, hold
from tests.unit.gateway.conftest import sign_in
from tests.unit.gateway.fakes import CASE, SEAL, FakeServices, referral_id, session
from tests.unit.gateway.memory import MemorySessions

CSRF = session().csrf
OWNER = ("o.primerova", "kz.sapar-demo")
CLOSED = ["/work", "/inbox", "/find", "/cases", f"/cases/{CASE}", f"/referrals/{referral_id(5)}", "/corridors"]


@pytest.mark.parametrize("path", CLOSED)
async def test_an_anonymous_visitor_is_led_to_the_landing(visitor: httpx.AsyncClient, path: str) -> None:
    answer = await visitor.get(path)

    assert answer.status_code == 303
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize("path", CLOSED[:-1])
async def test_a_coordinator_sees_no_case(coordinator: httpx.AsyncClient, services: FakeServices, path: str) -> None:
    answer = await coordinator.get(path)

    assert answer.status_code == 403
    assert services.asked == []


async def test_a_caseworker_does_not_open_the_coordinators_view(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/corridors")).status_code == 403


async def test_every_page_is_kept_to_itself(visitor: httpx.AsyncClient) -> None:
    headers = (await visitor.get("/")).headers

    assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'; img-src 'self';")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "form-action 'self' http://idp;" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


async def test_a_form_that_is_too_long_says_so(browser: httpx.AsyncClient, services: FakeServices) -> None:
    answer = await browser.post("/cases/new/x", data={"csrf": CSRF, "full_name": "Zz " * 100_000})

    assert answer.status_code == 413
    assert "This form is too long" in answer.text
    assert services.asked == []


async def test_a_form_of_an_earlier_sign_in_of_the_same_person_is_shown_again_and_not_sent(
    browser: httpx.AsyncClient, services: FakeServices
) -> None:
    form = {"csrf": form_secret(SEAL, OWNER), "reason": "no_capacity", "note": "До четверга"}

    answer = await browser.post(f"/referrals/{referral_id(22)}/decline", data=form)

    assert answer.status_code == 403
    assert "You signed in again meanwhile" in answer.text
    assert 'name="reason" value="no_capacity"' in answer.text
    assert '<blockquote class="card pad">До четверга' in answer.text
    assert services.asked == []


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "x",
        "x.é",
        "x." + "A" * 200,
        form_secret(SEAL, ("d.namunaeva", "kz.sapar-demo")),
        form_secret(SEAL, ("o.primerova", "kz.kamqor-demo")),
        form_secret(Seal(b"x" * 32), OWNER),
    ],
)
@pytest.mark.parametrize("path", ["/cases/new/x", "/cases/new/x/needs", f"/referrals/{referral_id(22)}/decline"])
async def test_a_form_that_another_person_opened_is_neither_kept_nor_shown_nor_sent(
    browser: httpx.AsyncClient, services: FakeServices, sessions: MemorySessions, path: str, secret: str
) -> None:
    typed = {"csrf": secret, "full_name": "Имя Вымышленное", "note": "До четверга", "needs": "shelter", "go": "stay"}

    answer = await browser.post(path, data=typed | {"urgency": "urgent", "risk": "low"})

    (kept,) = sessions.sessions.values()
    assert answer.status_code == 403
    assert "Another account is signed in here now: О. Примерова" in answer.text
    assert "Nothing was saved or sent." in answer.text
    assert "Имя Вымышленное" not in answer.text
    assert "До четверга" not in answer.text
    assert f'action="{path}"' not in answer.text
    assert (kept.session.forms, kept.session.held, sessions.sign_ins, services.asked) == ({}, [], {}, [])


def test_every_session_has_a_secret_of_its_own_and_no_page_tells_whose_it_is() -> None:
    first, second = form_secret(SEAL, OWNER), form_secret(SEAL, OWNER)

    assert first.partition(".")[0] != second.partition(".")[0]
    assert first.partition(".")[2] != second.partition(".")[2]
    assert owner_of(SEAL, first) == OWNER


async def test_a_form_sent_after_signing_out_in_another_tab_waits_for_who_opened_it(
    browser: httpx.AsyncClient, sessions: MemorySessions
) -> None:
    await browser.post("/session/end", data={"csrf": CSRF})

    answer = await browser.post("/cases/new/x", data={"csrf": CSRF, "full_name": "Имя Вымышленное"})
    landing = await browser.get(answer.headers["location"])

    (waiting,) = sessions.sign_ins.values()
    assert "what you typed is kept" in landing.text
    assert [told(one) for one in waiting.held] == [("/cases/new/x", {"full_name": ["Имя Вымышленное"]}, OWNER)]


async def test_every_form_that_is_sent_meanwhile_waits(browser: httpx.AsyncClient, sessions: MemorySessions) -> None:
    await browser.post("/session/end", data={"csrf": CSRF})

    for tab, name in (("a", "Один"), ("b", "Два"), ("a", "Три")):
        cookies = {"Cookie": "; ".join(f"__Host-safar-kz-signin={one}" for one in sessions.sign_ins)}
        await browser.post(f"/cases/new/{tab}", data={"csrf": CSRF, "full_name": name}, headers=cookies)

    (waiting,) = sessions.sign_ins.values()
    assert [told(one)[:2] for one in waiting.held] == [
        ("/cases/new/b", {"full_name": ["Два"]}),
        ("/cases/new/a", {"full_name": ["Три"]}),
    ]


def told(held: Held) -> tuple[str, dict[str, list[str]], tuple[str, str]]:
    return held["path"], held["given"], tuple(held["owner"])


async def test_what_one_typed_never_waits_for_who_was_signed_in_when_it_was_sent(
    visitor: httpx.AsyncClient, sessions: MemorySessions
) -> None:
    await sign_in(visitor, sessions, session(subject="d.namunaeva", agency="kz.kamqor-demo"))
    (identifier, found) = next(iter(sessions.sessions.items()))
    sessions.sessions[identifier] = replace(found, alive=False)

    await visitor.post("/cases/new/x", data={"csrf": CSRF, "full_name": "Имя Вымышленное"})

    (waiting,) = sessions.sign_ins.values()
    assert [tuple(one["owner"]) for one in waiting.held] == [OWNER]


async def test_of_a_form_that_nobody_of_ours_opened_nothing_waits(
    visitor: httpx.AsyncClient, sessions: MemorySessions
) -> None:
    answer = await visitor.post("/cases/new/x", data={"csrf": "x", "full_name": "Имя Вымышленное"})

    assert answer.headers["location"] == "/?notice=ended"
    assert sessions.sign_ins == {}


async def test_signing_out_twice_keeps_no_form(browser: httpx.AsyncClient, sessions: MemorySessions) -> None:
    await browser.post("/session/end", data={"csrf": CSRF})

    answer = await browser.post("/session/end", data={"csrf": CSRF})

    assert answer.headers["location"] == "/?notice=out"
    assert sessions.sign_ins == {}


@pytest.mark.parametrize(
    ("error", "status"), [(OSError(), 503), (InterfaceError("closed"), 503), (RuntimeError(), 500)]
)
async def test_a_form_outlives_a_failure_before_it_is_known_who_is_signed_in(
    browser: httpx.AsyncClient, sessions: MemorySessions, error: Exception, status: int
) -> None:
    async def broken(_: str) -> Found | None:
        raise error

    sessions.find = broken  # type: ignore[method-assign]

    answer = await browser.post("/cases/new/x", data={"csrf": CSRF, "full_name": "Имя Вымышленное"})

    assert answer.status_code == status
    assert 'name="full_name" value="Имя Вымышленное"' in answer.text
    assert f'name="csrf" value="{CSRF}"' in answer.text


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://elsewhere.example"}],
)
async def test_a_form_from_elsewhere_does_nothing(
    browser: httpx.AsyncClient, services: FakeServices, headers: dict[str, str]
) -> None:
    if "Origin" in headers:
        del browser.headers["Sec-Fetch-Site"]

    answer = await browser.post("/cases/new/x/needs", data={"csrf": CSRF, "needs": "shelter"}, headers=headers)

    assert answer.status_code == 403
    assert "did not come from Safar" in answer.text
    assert services.asked == []


async def test_quick_exit_ends_the_session_on_an_ordinary_page(
    browser: httpx.AsyncClient, sessions: MemorySessions
) -> None:
    answer = await browser.post("/leave")
    calendar = await browser.get("/calendar")

    assert answer.headers["location"] == "/calendar"
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert sessions.sessions == {}
    assert "Safar" not in calendar.text


async def test_signing_out_ends_both_sessions(browser: httpx.AsyncClient, sessions: MemorySessions) -> None:
    answer = await browser.post("/session/end", data={"csrf": CSRF})

    assert answer.status_code == 303
    assert sessions.sessions == {}
    assert "Max-Age=0" in answer.headers["set-cookie"]


async def test_a_form_sent_too_late_waits_for_the_same_person(
    browser: httpx.AsyncClient, sessions: MemorySessions
) -> None:
    identifier = next(iter(sessions.sessions))
    sessions.sessions[identifier] = Found(session(), alive=False)

    answer = await browser.post("/cases/new/x", data={"csrf": CSRF, "full_name": "Имя Вымышленное"})

    waiting = next(iter(sessions.sign_ins.values()))
    assert answer.headers["location"] == "/?notice=held"
    assert [told(one) for one in waiting.held] == [("/cases/new/x", {"full_name": ["Имя Вымышленное"]}, OWNER)]


async def test_a_form_that_waits_for_a_sign_in_takes_no_code(
    visitor: httpx.AsyncClient, services: FakeServices, sessions: MemorySessions
) -> None:
    held = hold([], "/cases/new/x", {"full_name": ["Имя Вымышленное"]}, OWNER)
    waiting = await sessions.begin_sign_in(SignIn("", "", "", held))

    answer = await visitor.get(
        "/session/callback?code=stolen&state=", headers={"Cookie": f"__Host-safar-kz-signin={waiting}"}
    )

    assert answer.headers["location"] == "/?notice=refused"
    assert not any("token" in path for _method, path, _body in services.asked)
    assert [one.held for one in sessions.sign_ins.values()] == [held]


@pytest.mark.parametrize("path", ["/session/callback?code=x&state=y", "/session/callback?error=access_denied"])
async def test_a_held_form_outlives_a_sign_in_that_failed(
    visitor: httpx.AsyncClient, sessions: MemorySessions, path: str
) -> None:
    """A link from elsewhere can make one fail."""
    held = hold([], "/cases/new/x", {"full_name": ["Имя Вымышленное"]}, OWNER)
    waiting = await sessions.begin_sign_in(SignIn("state", "nonce", "verifier", held))

    answer = await visitor.get(path, headers={"Cookie": f"__Host-safar-kz-signin={waiting}"})

    (kept,) = sessions.sign_ins.items()
    assert answer.headers["location"] == "/?notice=refused"
    assert kept == (answer.cookies["__Host-safar-kz-signin"], SignIn("", "", "", held))


@pytest.mark.parametrize(
    "kind", ["multipart/form-data; boundary=x; charset=undefined", "multipart/form-data; boundary=x", "text/plain", ""]
)
async def test_only_forms_as_our_pages_send_them_are_read(visitor: httpx.AsyncClient, kind: str) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\nx\r\n--x--\r\n'

    answer = await visitor.post("/find", content=body, headers={"Content-Type": kind})

    assert answer.status_code == 415


async def test_whatever_a_form_calls_itself_a_key_can_carry_it(
    browser: httpx.AsyncClient, services: FakeServices
) -> None:
    form = {"csrf": CSRF, "needs": "shelter", "urgency": "normal", "risk": "low", "once": "é\n"}

    answer = await browser.post("/cases/new/x/needs", data=form)

    assert answer.status_code == 303


async def test_held_forms_are_offered_until_each_is_sent_or_given_up(
    visitor: httpx.AsyncClient, sessions: MemorySessions, services: FakeServices
) -> None:
    first = hold([], "/cases/new/x/needs", {"full_name": ["Имя Вымышленное"]}, OWNER)
    both = hold(first, "/cases/new/y", {"full_name": ["Имя Другое"]}, OWNER)
    await sign_in(visitor, sessions, replace(session(), held=both))

    shown = [await visitor.get("/session/held") for _ in range(2)]
    elsewhere = await visitor.get("/work")
    out = await visitor.post("/session/end", data={"csrf": CSRF})
    (waiting,) = sessions.sign_ins.values()
    await sign_in(visitor, sessions, replace(session(), held=waiting.held))
    await visitor.post(
        "/cases/new/x/needs", data={"csrf": CSRF, "full_name": "Имя Вымышленное", "waiting": both[0]["name"]}
    )
    second = await visitor.get("/session/held")
    await visitor.post("/session/held", data={"csrf": CSRF, "waiting": both[1]["name"]})
    none = await visitor.get("/session/held")

    for page in shown:
        assert 'name="full_name" value="Имя Вымышленное"' in page.text
        assert "A new case. You were signed out before it was sent." in page.text
    assert "__Host-safar-kz-signin=" in out.headers["set-cookie"]
    assert "has not been sent" in elsewhere.text
    assert 'name="full_name" value="Имя Другое"' in second.text
    assert none.headers["location"] == "/work"
    assert "has not been sent" not in (await visitor.get("/work")).text


async def test_a_script_in_a_name_stays_text(browser: httpx.AsyncClient) -> None:
    answer = await browser.post(
        "/cases/new/x",
        data={"csrf": CSRF, "full_name": '"><script>x</script>', "birth_date": "?"},
        follow_redirects=True,
    )

    assert "<script>x" not in answer.text
    assert "&lt;script&gt;x" in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "//elsewhere.example",
        "/\\elsewhere.example",
        "https://elsewhere.example",
        "/\r///elsewhere.example",
        "/\t/elsewhere.example",
        "/work//elsewhere.example",
        "/work\n",
        "x",
        "",
    ],
)
def test_a_link_never_leads_elsewhere(address: str) -> None:
    assert local_path(address) == "/"


def test_a_link_leads_back_to_a_page_of_ours() -> None:
    assert local_path(f"/cases/{CASE}?step=2") == f"/cases/{CASE}"


async def test_cookies_of_the_session_are_host_bound(visitor: httpx.AsyncClient, sessions: MemorySessions) -> None:
    from fastapi import Response

    from gateway.portal.routes.session import set_cookie

    response = Response()
    set_cookie(response, "__Host-safar-kz", "value")

    said = response.headers["set-cookie"]
    assert re.search(r"Secure", said)
    assert "HttpOnly" in said
    assert "SameSite=lax" in said
    assert "Path=/" in said
    assert "Domain" not in said


def test_a_sealed_session_cannot_move_to_another_row() -> None:
    seal = Seal(b"k" * 32)
    sealed = seal.close({"a": 1}, digest("one"))

    assert seal.open(sealed, digest("one")) == {"a": 1}
    with pytest.raises(InvalidTag):
        seal.open(sealed, digest("two"))


def test_a_session_id_has_256_bits() -> None:
    assert len(new_id()) == 43
    assert new_id() != new_id()
