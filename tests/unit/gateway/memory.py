"""Sessions in memory, for tests that open no socket."""

from dataclasses import dataclass, field, replace

from gateway.portal.sealing import new_id
from gateway.portal.sessions import Found, Renewal, Session, SignIn


@dataclass
class MemorySessions:
    """Sessions in this process: for tests."""

    sessions: dict[str, Found] = field(default_factory=dict)
    sign_ins: dict[str, SignIn] = field(default_factory=dict)

    async def start(self, session: Session) -> str:
        identifier = new_id()
        self.sessions[identifier] = Found(session, alive=True)
        return identifier

    async def find(self, identifier: str) -> Found | None:
        return self.sessions.get(identifier)

    async def renew(self, identifier: str, renewal: Renewal) -> Session | None:
        found = self.sessions[identifier]
        renewed = await renewal(found.session)
        if renewed is None:
            del self.sessions[identifier]
        else:
            self.sessions[identifier] = replace(found, session=renewed)
        return renewed

    async def replace(self, identifier: str, session: Session) -> None:
        self.sessions[identifier] = Found(session, alive=True)

    async def end(self, identifier: str) -> None:
        self.sessions.pop(identifier, None)

    async def begin_sign_in(self, sign_in: SignIn) -> str:
        identifier = new_id()
        self.sign_ins[identifier] = sign_in
        return identifier

    async def take_sign_in(self, identifier: str) -> SignIn | None:
        return self.sign_ins.pop(identifier, None)

    async def ready(self) -> bool:
        return True
