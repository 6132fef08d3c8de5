"""Who can sign in to the demo. Known passwords: keep the demo where strangers cannot reach it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Login:
    username: str
    role: str
    does: str

    @property
    def password(self) -> str:
        return f"{self.username}-demo"


LOGINS = (
    Login("student", "student", "takes the tests"),
    Login("teacher", "teacher", "sees the results of the demo class, hands out ticket links"),
    Login("author", "author", "writes items, edits parameters, publishes"),
    Login("operator", "operator", "recalibrates the bank, edits tests and schedules"),
    Login("admin", "admin", "everything"),
)
